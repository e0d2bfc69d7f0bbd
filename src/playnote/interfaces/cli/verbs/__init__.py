"""One file for each subject; `app.py` lists the verbs."""
