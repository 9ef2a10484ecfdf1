//! The table of rules. Codes count up and are never renumbered; a new rule goes at the end.

use super::RuleDoc;
use crate::Outcome;

macro_rules! rules {
    ($($variant:ident $code:literal $name:literal $outcome:ident {
        what: $what:literal, why: $why:literal, example: $example:literal, fix: $fix:literal $(,)?
    })*) => {
        /// A rule that a reply can break.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = concat!($code, " `", $name, "`: ", $what)] $variant,)*
        }

        impl Rule {
            /// Every rule, in the order of codes.
            pub const ALL: &'static [Rule] = &[$(Rule::$variant),*];

            /// The stable code, `N001` and up.
            pub fn code(self) -> &'static str {
                match self { $(Rule::$variant => $code),* }
            }

            /// The name in kebab-case.
            pub fn name(self) -> &'static str {
                match self { $(Rule::$variant => $name),* }
            }

            /// How a candidate ends that an error of this rule rejects.
            pub fn outcome(self) -> Outcome {
                match self { $(Rule::$variant => Outcome::$outcome),* }
            }

            /// The documentation.
            pub fn doc(self) -> RuleDoc {
                match self {
                    $(Rule::$variant => RuleDoc { what: $what, why: $why, example: $example, fix: $fix }),*
                }
            }

            /// The rule with this code.
            pub fn from_code(code: &str) -> Option<Rule> {
                match code { $($code => Some(Rule::$variant),)* _ => None }
            }
        }
    };
}

rules! {
    NoPython "N001" "no-python" Extract {
        what: "the reply holds no block of Python",
        why: "there is nothing to translate",
        example: "a reply that only describes a network in prose",
        fix: "reply with the whole file in one fenced `python` block",
    }
    ReplyTooLarge "N002" "reply-too-large" Extract {
        what: "the reply, or the Python in it, is larger than the limit",
        why: "time and memory of every later pass grow with it",
        example: "a reply of 9 MB",
        fix: "reply with the network's file only",
    }
    NestingTooDeep "N003" "nesting-too-deep" Extract {
        what: "brackets, blocks or one expression are nested deeper than the limit",
        why: "a syntax tree that deep overflows the stack of whoever walks it",
        example: "`x = ((((...))))` with 300 brackets",
        fix: "name the parts of the expression, or use a loop",
    }
    SyntaxError "N004" "syntax-error" Syntax {
        what: "the source is not valid Python",
        why: "nothing behind the place can be trusted",
        example: "`def forward(self, images:`",
        fix: "close what is open and write the statement as Python wants it",
    }
    UndefinedName "N005" "undefined-name" Name {
        what: "a name is used that nothing defines",
        why: "Python raises `NameError` there",
        example: "`return F.relu(x)` without `import torch.nn.functional as F`",
        fix: "import or define the name before it is used",
    }
    UnsupportedConstruct "N006" "unsupported-construct" Api {
        what: "a Python construct is used that is not translated",
        why: "what it would do is not known, and it is never guessed",
        example: "`async def forward(self, images): ...`",
        fix: "write it with assignments, calls, `if`, `for` and plain functions",
    }
    UnknownTorchName "N007" "unknown-torch-name" Api {
        what: "a function, class or method that torch does not have, or that is not translated",
        why: "Python raises `AttributeError` there",
        example: "`torch.lower_triangular(t, t)`",
        fix: "use a name that torch has, such as `torch.tril`",
    }
    UnknownArgument "N008" "unknown-argument" Api {
        what: "a call passes an argument that its target does not take, or leaves out a required one",
        why: "Python raises `TypeError` there",
        example: "`nn.LSTMCell(256, 512, num_layers=2)`",
        fix: "pass the arguments of the signature, by their names",
    }
    WrongArgument "N009" "wrong-argument" Api {
        what: "an argument has the wrong type or a value that is not allowed",
        why: "torch raises `TypeError` or `ValueError` there",
        example: "`nn.Linear(256.0, 512)`",
        fix: "pass a value of the type and range that the message names",
    }
    ShapeMismatch "N010" "shape-mismatch" Shape {
        what: "the shapes of tensors do not fit the operation",
        why: "torch raises `RuntimeError` there, or broadcasts in silence",
        example: "`nn.Linear(256, 512)(x)` where the last dimension of `x` is 640",
        fix: "make the dimensions equal, or reshape before the operation",
    }
    UndecidableDim "N011" "undecidable-dimension" Shape {
        what: "whether two dimensions agree cannot be decided from the source",
        why: "a dimension must be a number or a polynomial over batch, length and captions per image",
        example: "`captions[:, :-1][:, 1:]`, where an image may have one caption only",
        fix: "take what is always there, such as the first caption `captions[:, 0]`",
    }
    DataDependentControl "N012" "data-dependent-control-flow" Semantic {
        what: "a branch or a loop depends on the values in a tensor",
        why: "the network is translated once, before any value is known",
        example: "`if x.sum() > 0: x = -x`",
        fix: "select with `torch.where`, or with a mask; only writing may end early, once all captions have",
    }
    LimitExceeded "N013" "limit-exceeded" Contract {
        what: "translation ran into a limit on steps, recursion, modules, parameters or memory",
        why: "a candidate must be small enough to build and train",
        example: "`for i in range(10**9): layers.append(nn.Linear(8, 8))`",
        fix: "make the network smaller, or the loop shorter",
    }
    PythonRaised "N014" "python-exception" Semantic {
        what: "the code raises an exception when it runs",
        why: "the network cannot be built or called",
        example: "`assert hidden % heads == 0` where it does not hold",
        fix: "change the values so that the exception is not raised",
    }
    MissingNet "N015" "missing-net" Contract {
        what: "there is no `class Net(nn.Module)` at module level",
        why: "`Net` is the class that is trained and scored",
        example: "`class CaptionModel(nn.Module): ...` and nothing else",
        fix: "name the network `Net`, at module level, with `nn.Module` as its base",
    }
    MissingMethod "N016" "missing-method" Contract {
        what: "`Net` lacks a required method, or one has the wrong parameters",
        why: "the trainer calls `__init__`, `train_setup`, `learn` and `forward`",
        example: "a `Net` without `learn(self, train_data)`",
        fix: "write the method inside `Net`, with the signature of the Net API",
    }
    MissingHyperparameters "N017" "missing-supported-hyperparameters" Contract {
        what: "there is no module-level function `supported_hyperparameters`",
        why: "the search asks it which hyper-parameters it may vary",
        example: "`supported_hyperparameters` written inside `Net`",
        fix: "add `def supported_hyperparameters(): return {'lr', 'momentum'}` at module level",
    }
    HyperparametersOutOfStep "N018" "hyperparameters-out-of-step" Contract {
        what: "a hyper-parameter is read from `prm` that `supported_hyperparameters` does not declare",
        why: "the search supplies the declared ones only",
        example: "`prm['dropout']` where `{'lr', 'momentum'}` is declared",
        fix: "declare the hyper-parameter, or do not read it",
    }
    ForbiddenImport "N019" "forbidden-import" Contract {
        what: "a module outside torch, torchvision, math, typing and the like is imported",
        why: "a network needs nothing else, and it must not reach files or the network",
        example: "`import requests`",
        fix: "remove the import and what uses it",
    }
    ForbiddenCall "N020" "forbidden-call" Contract {
        what: "code is executed from text, or files, processes or the network are reached",
        why: "a reply is not trusted",
        example: "`exec(open('weights.py').read())`",
        fix: "remove the call",
    }
    HeadsDivideWidth "N021" "heads-divide-width" Shape {
        what: "the number of attention heads does not divide the model width",
        why: "torch raises `AssertionError` when it builds the layer",
        example: "`nn.MultiheadAttention(640, 12)`",
        fix: "choose a divisor of the width",
    }
    NoLogits "N022" "no-logits" Contract {
        what: "`forward` with captions does not give logits `[batch, length, vocab]`",
        why: "training and scoring read a score for every word of the vocabulary",
        example: "`return self.rnn(features)[1]`",
        fix: "return the scores `logits` alone, with `out_shape[0]` as the last dimension",
    }
    NoInferencePath "N023" "no-inference-path" Contract {
        what: "`forward` without captions gives neither ids nor logits",
        why: "evaluation calls the network with images alone",
        example: "`raise NotImplementedError()` where `captions is None`",
        fix: "generate the caption in a bounded loop; otherwise the library decodes greedily",
    }
    InferNotTranslatable "N024" "infer-not-translatable" Semantic {
        what: "the network's own generation needs Python numbers out of tensors",
        why: "only a bounded loop over tensors is translated; the library's greedy decoding stands in",
        example: "a beam search with `score.item()`",
        fix: "generate with `argmax` in a bounded loop",
    }
    DeadModule "N025" "dead-module" Semantic {
        what: "a module is built and never used",
        why: "its parameters get no gradient, and the network is not the one that was described",
        example: "`self.cbam = Cbam(256)` that `forward` never calls",
        fix: "call the module, or remove it",
    }
    LoopTypeChanges "N026" "loop-type-changes" Shape {
        what: "a variable has another shape or type after a turn of a loop than before it",
        why: "the second turn would compute something else than the first",
        example: "`for t in range(T): x = x.unsqueeze(0)`",
        fix: "keep the shape the same, or append to a list and stack it after the loop",
    }
    StaleView "N027" "stale-view" Semantic {
        what: "a tensor is written in place while a view of it, or the tensor it views, is still used",
        why: "torch changes both; the translation would change one",
        example: "`y = x.transpose(0, 1); x += 1; return y`",
        fix: "write to a copy, `x = x + 1`",
    }
    LearnNotUnderstood "N028" "learn-not-understood" Semantic {
        what: "`learn` or `train_setup` changes state in a way that is not part of a recipe",
        why: "the training would not be the one that was written",
        example: "`self.fc.weight.data *= 0.9` inside the batch loop",
        fix: "use a criterion, `backward`, gradient clipping and `optimizer.step()`",
    }
    MissingStep "N029" "missing-step" Semantic {
        what: "`learn` does not reach `loss.backward()` and `optimizer.step()` for a batch",
        why: "nothing would be learned",
        example: "`loss = self.criterion(logits, targets)` and no `backward`",
        fix: "call `zero_grad`, `backward` and `step` for every batch",
    }
    TiedAcrossModules "N030" "tied-across-modules" Api {
        what: "one parameter is shared in a way that has no single owner",
        why: "each parameter belongs to one module of the emitted code",
        example: "`self.decoder.fc.weight = self.encoder.proj.weight`",
        fix: "tie layers of the same module, or pass the weight as an argument",
    }
    UnusedHyperparameter "N031" "unused-hyperparameter" Contract {
        what: "a declared hyper-parameter is never read",
        why: "the search varies a number that changes nothing",
        example: "`{'lr', 'momentum', 'dropout'}` where `prm['dropout']` is never read",
        fix: "read it, or do not declare it",
    }
    LearningRateAdjusted "N032" "learning-rate-adjusted" Semantic {
        what: "the code floors, scales or freezes the learning rate it is given",
        why: "the rate that trains is not the one that is recorded for the trial",
        example: "`lr = max(prm['lr'], 3e-4)`",
        fix: "use `prm['lr']` as it is",
    }
    DroppedStatement "N033" "dropped-statement" Semantic {
        what: "a statement has no effect on the network or its training and is left out",
        why: "so that nothing disappears in silence",
        example: "`print(loss.item())`",
        fix: "nothing needs to change; remove the statement to silence the note",
    }
    MoreDiagnostics "N034" "more-diagnostics" Semantic {
        what: "there are more diagnostics than a list shows",
        why: "the first ones usually explain the rest",
        example: "a reply with 200 undefined names",
        fix: "fix the first errors and try again",
    }
    TruncatedReply "N035" "truncated-reply" Extract {
        what: "the reply ends in the middle of a block",
        why: "the end of the network may be missing",
        example: "a fence that is opened and never closed",
        fix: "reply with the whole file, shorter if need be, and close the fence",
    }
    SeveralBlocks "N036" "several-blocks" Extract {
        what: "the reply holds more than one complete network, and one of them was taken",
        why: "so that the choice is not made in silence",
        example: "a first attempt in one fence and a corrected one in another",
        fix: "reply with one block",
    }
    UnreadableHyperparameters "N037" "unreadable-hyperparameters" Extract {
        what: "the hyper-parameters beside the code are not JSON",
        why: "they are left out, and the defaults are used",
        example: "`<hp>lr=0.01</hp>`",
        fix: "write `<hp>{\"lr\": 0.01}</hp>`",
    }
    ProseInCode "N038" "prose-in-code" Extract {
        what: "lines of prose stand between lines of Python, and are left out",
        why: "Python cannot begin like this; what was meant as code is lost",
        example: "`Now the decoder:` between two classes",
        fix: "write it as a comment, or outside the block",
    }
    TupleAtInference "N039" "tuple-at-inference" Contract {
        what: "`forward` without captions returns a tuple",
        why: "evaluation reads ids or scores; of a tuple the first part is taken",
        example: "`return ids, hidden` where `captions is None`",
        fix: "return the ids or the scores alone",
    }
    SizeLimit "N040" "size-limit" Contract {
        what: "parameters, activations of a training batch or operations of one image exceed a limit",
        why: "a candidate must fit into memory and finish its training in time",
        example: "attention over all 50,176 pixels of an image",
        fix: "use fewer channels or layers, or reduce the image before the costly part",
    }
    SpecialIds "N041" "special-ids" Semantic {
        what: "PAD, SOS, EOS and UNK are taken for other ids than 0, 1, 2 and 3",
        why: "captions begin with 1, end with 2 and are filled up with 0",
        example: "`nn.CrossEntropyLoss(ignore_index=-1)`",
        fix: "ignore and pad with 0, begin with 1 and end with 2",
    }
    InvalidSpec "N042" "invalid-spec" Extract {
        what: "the reply describes a net in JSON that is no valid spec",
        why: "a spec is printed as a network only when every number lies within its bounds",
        example: "`\"heads\": 3` in the decoder of a spec",
        fix: "write what the JSON Schema of `nn-caption spec --schema` describes",
    }
    PretrainedWeights "N043" "pretrained-weights" Semantic {
        what: "the network asks for weights that torchvision trained",
        why: "nothing is downloaded: the backbone starts from random weights",
        example: "`torchvision.models.resnet50(weights=ResNet50_Weights.DEFAULT)`",
        fix: "leave them away: the network is trained from random weights, unless others are loaded by their PyTorch names",
    }
    OneTokenAttention "N044" "one-token-attention" Semantic {
        what: "an attention layer attends to a sequence of one token",
        why: "a softmax over one score is 1, so that queries, keys and masks change nothing",
        example: "`nn.TransformerDecoder` over the pooled features of a picture, `[B, 1, 768]`",
        fix: "keep the encoder's map as a sequence of regions, `features.flatten(2).transpose(1, 2)`",
    }
    MissingCausalMask "N045" "missing-causal-mask" Semantic {
        what: "a Transformer layer reads the caption without a mask of its positions",
        why: "each position sees the word that it is to predict; there is no such word when a caption is made",
        example: "`self.decoder(words, memory)` without `tgt_mask`",
        fix: "pass `nn.Transformer.generate_square_subsequent_mask(length)` as the mask",
    }
    ModeSwitch "N046" "mode-switch" Semantic {
        what: "`forward` switches the network between training and evaluation",
        why: "the next step would train without dropout, and batch norm would not learn its statistics",
        example: "`self.eval()` where `captions is None`",
        fix: "leave the switch to whoever calls the network",
    }
    BatchCoupledBeam "N047" "batch-coupled-beam" Semantic {
        what: "a beam search ranks its beams by one number of the whole batch",
        why: "the caption of a picture then depends on the pictures beside it",
        example: "`beams.sort(key=lambda beam: beam[1].mean().item())`",
        fix: "keep the beams of each picture apart, and rank them by its own scores",
    }
    ForeignLayer "N048" "foreign-layer" Semantic {
        what: "a layer or parameter is used that no module of the net holds",
        why: "nothing moves, trains or stores its weights; made in `forward`, they are other random numbers at each call",
        example: "`x = nn.Linear(512, 256)(x)` in `forward`, or `self.layers = [nn.Linear(512, 256)]`",
        fix: "make it in `__init__`, as an attribute or in an `nn.ModuleList`",
    }
    UnswitchedDropout "N049" "unswitched-dropout" Semantic {
        what: "dropout that `eval()` does not switch off",
        why: "PyTorch's captions and scores are random then; the translated net drops in training only",
        example: "`x = F.dropout(x, 0.3)`, or `x = nn.Dropout(0.3)(x)`, in `forward`",
        fix: "make an `nn.Dropout` in `__init__`, or pass `training=self.training`",
    }
    StateBetweenCalls "N050" "state-between-calls" Semantic {
        what: "`forward` computes with an attribute that it changes",
        why: "the result depends on how often the network was called, which no checkpoint knows",
        example: "`self.temperature *= 0.99`, then `logits / self.temperature`",
        fix: "compute with what `forward` is given, with parameters and with buffers",
    }
}
