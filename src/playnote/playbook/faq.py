"""The playbook's frequent questions (body 13), answered in short, with the rules that hold the rest."""

from __future__ import annotations

from dataclasses import dataclass

from playnote.text import Text

SECTION = "body:13"


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its answer, and the rules it belongs to."""

    asks: Text
    answer: Text
    rules: tuple[str, ...]
    words: str = ""


FAQ: tuple[Question, ...] = (
    Question(
        Text(en="Which learning-rate decay to begin with?", zh="学习率衰减默认用哪种？"),
        Text(
            en="Linear or cosine. That the rate is not constant, and that the schedule is tuned, matters more than which "
            "of the two. A constant rate is fine for the first runs.",
            zh="线性或余弦都行。关键是别用恒定学习率，并且把调度也调一调；选哪一种是次要的。最初几次跑恒定学习率没问题。",
        ),
        ("D4-decay-default", "D4-schedule"),
        "schedule cosine linear lr 余弦 线性 调度 衰减",
    ),
    Question(
        Text(en="Why do papers use such complicated schedules?", zh="论文里的 schedule 为什么那么复杂？"),
        Text(
            en="Most grew by hand: somebody watched the validation score and patched the schedule step by step. Copy the "
            "way of working, not the break points: they fit that data and budget.",
            zh="多半是作者盯着验证集一步步手工修补出来的。照搬方法可以，别照搬具体的折点：那些折点只适合他们的数据和预算。",
        ),
        ("D4-no-copy-schedule",),
        "schedule paper copy 照搬 论文",
    ),
    Question(
        Text(en="How to tune Adam's hyperparameters?", zh="Adam 的超参怎么调？"),
        Text(
            en="By the number of trials in one study: below 10, the learning rate alone; from 10, beta1 too; from 25, epsilon "
            "too; beta2 only with many more (we say 50).",
            zh="看一个研究里有多少 trial：不到 10 个只调学习率；10 个起加 β1；25 个起再加 ε；预算特别足（我们取 50 个）才动 β2。",
        ),
        ("E2-adam-budget", "D2-adam-defaults"),
        "adam beta1 beta2 epsilon β1 β2 ε",
    ),
    Question(
        Text(en="Why not use the batch size to improve the metric?", zh="为什么不用 batch size 直接刷指标？"),
        Text(
            en="Once learning rate, regularization and steps are tuned at each batch size, the scores hardly differ. Batch "
            "size decides speed, cost and stability; where a change seems to help, something else was not tuned again.",
            zh="每个 batch size 都把学习率、正则、步数调到位后，极限性能差别很小。batch size 决定的是速度、成本和稳定性；"
            "换了就变好，多半是别的没重新调。",
        ),
        ("D3-not-a-metric-knob", "D3-equal-limit", "D3-retune"),
        "batch 批大小",
    ),
    Question(
        Text(en="Why are they called hyperparameters?", zh="为什么叫“超参数”？"),
        Text(
            en="By habit. In Bayesian statistics the word means a parameter of a prior, and metaparameter would be the "
            "better name; but everybody calls learning rate or depth a hyperparameter, and so does Playnote.",
            zh="约定俗成。按贝叶斯的本义，超参数是先验里的参数，叫“元参数”更准；但大家都这么叫学习率、深度这些，Playnote 也沿用。",
        ),
        (),
        "hyperparameter metaparameter 元参数 超参数",
    ),
    Question(
        Text(en="What do the usual optimizers compute?", zh="常见优化算法的更新式是什么？"),
        Text(
            en="With gradient g and rate a. SGD: w <- w - a g. Momentum: v <- c v + g, w <- w - a v (raw gradients summed, no "
            "dampening). Adam: m <- b1 m + (1 - b1) g, s <- b2 s + (1 - b2) g^2, then w <- w - a m' / (sqrt(s') + eps), where "
            "m' = m / (1 - b1^t) and s' = s / (1 - b2^t). Some frameworks put eps beside sqrt(s) instead: convert when it moves.",
            zh="记梯度 g、学习率 a。SGD：w ← w − a g。Momentum：v ← c v + g，w ← w − a v（直接累加梯度，不加阻尼）。"
            "Adam：m ← b1 m + (1 − b1) g，s ← b2 s + (1 − b2) g²，再 w ← w − a m' / (√s' + eps)，其中 m' = m / (1 − b1^t)，"
            "s' = s / (1 − b2^t)。有的框架把 eps 放在 √s 旁边：换框架时要换算。",
        ),
        ("D2-update-rules", "D2-adam-defaults"),
        "sgd momentum adam update formula 更新式 动量",
    ),
)


def find_questions(words: str) -> tuple[Question, ...]:
    """Questions that hold every word, in either language; all of them for the section's number."""
    wanted = words.lower().split()
    if words.strip().lower() in (SECTION, "13", "faq"):
        return FAQ
    return tuple(each for each in FAQ if wanted and all(word in _searched(each) for word in wanted))


def _searched(question: Question) -> str:
    told = (question.asks.en, question.asks.zh, question.answer.en, question.answer.zh, *question.rules, question.words)
    return " ".join(told).lower()
