"""PyTorch parts the playbook asks for. torch is imported by the modules that need it, when they are imported; never else.

schedules      constant, linear, cosine; a warmup before them; a longer run that keeps the peak (no torch needed)
hosts          seeds and shards of the processes of one run, and the faults they are compared for (no torch needed)
domain_weights weights towards the deployed distribution, and what they leave of the data (no torch needed)
clipping       clipping that hands back the norm before it
averaging      a moving average of the weights
ghost_norm     batch norm over parts of a batch
optimizer      whether an optimizer's step is the reference step
architecture   residual branches, where norms stand, scales at the start, of a live module
evaluation     means in which padding has no weight, and a metric that does not depend on the evaluation batch
"""
