"""Measurements of lesson 7: how fast training is, and how good on the full SST-2. See __main__.py.

`ladder` takes two minutes; `sst2` a quarter of an hour for each seed of the fine-tuned and of the
random encoder, on two cores.
"""

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from course_lib import data, finetune, language, models
from course_lib.finetune.ladder import measure_rungs

SETTINGS = finetune.Settings(epochs=3, lr=1e-4, batch_size=32)


def score(predicted, labels):
    return 100 * float((np.asarray(predicted) == labels).mean())


def features(encoder, examples):
    """The mean vector of each sentence, (N, D)."""
    rows = np.empty((len(examples), encoder.tokens.embedding_dim))
    model = models.SentenceClassifier(encoder.eval(), packed=True)
    order = np.argsort([len(ids) for ids, _ in examples])
    for start in range(0, len(order), 64):
        chosen = order[start:start + 64]
        ids, mask, _ = language.collate([examples[k] for k in chosen])
        with torch.no_grad():
            rows[chosen] = model.pool(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
    return rows


def trained(pretrained, sets, seed, *, fresh):
    """Test accuracy of an encoder trained with one seed, the best pass chosen on dev."""
    torch.manual_seed(seed)
    encoder = models.Encoder() if fresh else models.load_pretrained(pretrained)
    model = models.SentenceClassifier(encoder)
    settings = finetune.Settings(**(vars(SETTINGS) | {"seed": seed}))
    finetune.fine_tune(model, sets[0], settings, dev=sets[1])
    labels = [label for _, label in sets[2]]
    return score(finetune.predict_proba(model, sets[2]).argmax(axis=1), labels)


def ladder():
    """Yield each rung's rate over that of the first, BERT-base's shape; also on a GPU, if any."""
    vocabulary, columns = data.pretrained_encoder().vocabulary, data.sentiment()
    examples = finetune.examples_of(*columns[:2], vocabulary, max_length=128)
    model = models.SentenceClassifier(models.Encoder(D=768, heads=12, layers=12, dropout=0.1),
                                      dropout=0.1, pooling="first")
    for device, steps in [("cpu", 4)] + [("cuda", 50)] * torch.cuda.is_available():
        first = None
        for name, got in measure_rungs(model, examples, torch.device(device), steps=steps):
            first = first or got.rate
            yield f"ladder on {device}: {name}", got.rate / first, "times"
        yield f"ladder on {device}: real tokens a second on the last rung", got.rate, "tokens/s"


def sst2():
    """Yield test accuracies in percent; on the embedded reviews where SST-2 cannot be had."""
    pretrained, columns = data.pretrained_encoder(), data.sentiment()
    sets = [finetune.examples_of(x, y, pretrained.vocabulary)
            for x, y in zip(columns[0::2], columns[1::2], strict=True)]
    x_train, y_train, _, _, x_test, y_test = columns
    yield "majority", score(np.full(len(y_test), np.bincount(y_train).argmax()), y_test), "%"
    bag = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit(x_train)
    words = LogisticRegression(C=10).fit(bag.transform(x_train), y_train)
    yield "TF-IDF and logistic regression", score(words.predict(bag.transform(x_test)), y_test), "%"
    encoder = models.load_pretrained(pretrained)
    frozen = LogisticRegression(max_iter=2000).fit(features(encoder, sets[0]), y_train)
    yield "frozen encoder", score(frozen.predict(features(encoder, sets[2])), y_test), "%"
    for seed in range(3):
        yield f"fine-tuned, seed {seed}", trained(pretrained, sets, seed, fresh=False), "%"
    for seed in range(3):
        yield f"random first weights, seed {seed}", trained(pretrained, sets, seed, fresh=True), "%"
