"""Models in PyTorch."""

from .cnn import articles_cnn, fast_cnn
from .encoder import Encoder, SentenceClassifier, load_mlm_head, load_pretrained
from .mlp import count_parameters, mlp
from .recurrent import LanguageModel, SequenceModel, TextClassifier, set_forget_bias
from .transformer import BERT, GPT, Attention, Block, Transformer

__all__ = ["BERT", "GPT", "Attention", "Block", "Encoder", "LanguageModel", "SentenceClassifier",
           "SequenceModel", "TextClassifier", "Transformer", "articles_cnn", "count_parameters",
           "fast_cnn", "load_mlm_head", "load_pretrained", "mlp", "set_forget_bias"]
