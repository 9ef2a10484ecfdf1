//! How deep the syntax tree of a source would be, from its tokens alone.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

use super::limits::{MAX_BLOCKS, MAX_BRACKETS, MAX_LINKS};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Brackets,
    Links,
    Blocks,
}

#[derive(Debug)]
pub(super) struct Excess {
    pub(super) found: Found,
    /// The number of the token, layout not counted.
    pub(super) token: usize,
}

/// What is open, and how many links lead to it.
#[derive(Debug, Default)]
pub(super) struct Depth {
    frames: Vec<Frame>,
    /// Links outside brackets.
    base: Links,
    /// All links that lead to the current token.
    n_links: usize,
    n_blocks: usize,
    pub(super) has_format: bool,
    pub(super) excess: Option<Excess>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Links {
    /// Ended by a comma.
    n_elements: usize,
    /// Not ended by a comma: `lambda a, b: lambda c, d: 0`.
    n_statements: usize,
}

#[derive(Debug)]
struct Frame {
    closer: TokenKind,
    token: usize,
    links: Links,
}

impl Depth {
    pub(super) fn of(code: &str) -> Self {
        let mut depth = Self::default();
        let mut n_seen = 0;
        for kind in kinds(code) {
            depth.add(kind, n_seen);
            depth.note_excess(n_seen);
            if depth.frames.len() > MAX_BRACKETS || depth.n_blocks > MAX_BLOCKS {
                break; // what follows changes nothing, and the lexer may take long over it
            }
            n_seen += usize::from(!is_layout(kind));
        }
        depth
    }

    fn add(&mut self, kind: TokenKind, token: usize) {
        match kind {
            TokenKind::Newline | TokenKind::Semi if self.frames.is_empty() => {
                (self.base, self.n_links) = (Links::default(), 0);
            }
            TokenKind::Indent => self.n_blocks += 1,
            TokenKind::Dedent => self.n_blocks = self.n_blocks.saturating_sub(1),
            TokenKind::Comma => self.n_links -= std::mem::take(&mut self.links().n_elements),
            TokenKind::Lpar => self.open(TokenKind::Rpar, token),
            TokenKind::Lsqb => self.open(TokenKind::Rsqb, token),
            TokenKind::Lbrace => self.open(TokenKind::Rbrace, token),
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => self.close(kind),
            TokenKind::FStringStart | TokenKind::TStringStart => self.has_format = true,
            _ if is_operand(kind) => {}
            _ => self.link(kind),
        }
    }

    fn open(&mut self, closer: TokenKind, token: usize) {
        self.links().n_elements += 1;
        self.n_links += 1;
        self.frames.push(Frame {
            closer,
            token,
            links: Links::default(),
        });
    }

    /// Only the bracket that fits is closed: what the parser makes of others is not known.
    fn close(&mut self, kind: TokenKind) {
        if let Some(frame) = self.frames.pop_if(|frame| frame.closer == kind) {
            self.n_links -= frame.links.n_elements + frame.links.n_statements;
        }
    }

    fn link(&mut self, kind: TokenKind) {
        let is_operator = matches!(
            kind,
            TokenKind::And
                | TokenKind::Or
                | TokenKind::In
                | TokenKind::Is
                | TokenKind::Not
                | TokenKind::As
        );
        let links = self.links();
        if kind.is_keyword() && !is_operator {
            links.n_statements += 1;
        } else {
            links.n_elements += 1;
        }
        self.n_links += 1;
    }

    fn links(&mut self) -> &mut Links {
        self.frames
            .last_mut()
            .map_or(&mut self.base, |frame| &mut frame.links)
    }

    fn note_excess(&mut self, token: usize) {
        let found = if self.frames.len() > MAX_BRACKETS {
            Found::Brackets
        } else if self.n_links > MAX_LINKS {
            Found::Links
        } else if self.n_blocks > MAX_BLOCKS {
            Found::Blocks
        } else {
            return;
        };
        self.excess.get_or_insert(Excess { found, token });
    }

    /// The outermost bracket, if it was open at the excess and still is at the end of the file.
    pub(super) fn never_closed(&self, excess: &Excess) -> Option<usize> {
        self.frames
            .first()
            .map(|frame| frame.token)
            .filter(|token| *token < excess.token)
    }
}

fn is_operand(kind: TokenKind) -> bool {
    is_layout(kind)
        || matches!(
            kind,
            TokenKind::Name
                | TokenKind::Int
                | TokenKind::Float
                | TokenKind::Complex
                | TokenKind::String
                | TokenKind::FStringMiddle
                | TokenKind::FStringEnd
                | TokenKind::TStringMiddle
                | TokenKind::TStringEnd
                | TokenKind::Comment
                | TokenKind::Ellipsis
                | TokenKind::True
                | TokenKind::False
                | TokenKind::None
                | TokenKind::Semi
        )
}

/// The tokens but for layout.
pub(super) fn tokens(code: &str) -> impl Iterator<Item = TokenKind> {
    kinds(code).filter(|kind| !is_layout(*kind))
}

fn kinds(code: &str) -> impl Iterator<Item = TokenKind> {
    let mut lexer = lexer::lex(code, Mode::Module);
    std::iter::from_fn(move || Some(lexer.next_token()).filter(|kind| !kind.is_eof()))
}

/// Line ends and blocks, of which the end of a prefix makes up its own.
fn is_layout(kind: TokenKind) -> bool {
    kind.is_any_newline() || matches!(kind, TokenKind::Indent | TokenKind::Dedent)
}
