//! Statements.
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::body::SlotType;
use super::carry::{self, Assign};
use super::printer::Printer;
use crate::emit::{ident, token};
use crate::ir::{Block, Carried, Dim, Expr, Loop, Stmt, Sym, Tree, VarId};

impl Printer<'_> {
    /// The statements of a block; the last one's value where it is `result` itself.
    pub(super) fn block(
        &mut self,
        block: &Block,
        result: Option<&Tree>,
    ) -> (TokenStream, Option<TokenStream>) {
        let mut tokens = TokenStream::new();
        let end = block.iter().rposition(|stmt| !self.is_inlined(stmt));
        for (at, stmt) in block.iter().enumerate() {
            match stmt {
                _ if self.is_inlined(stmt) => {}
                Stmt::Let { out, expr, .. }
                    if Some(at) == end && Some(out) == result && self.is_plain(out, expr) =>
                {
                    return (tokens, Some(self.expr(expr, out)));
                }
                Stmt::Let { out, expr, .. } => tokens.extend(self.let_stmt(out, expr)),
                Stmt::Push { list, item, .. } => {
                    let item = self.operand(*item);
                    self.keep(*list);
                    let list = self.local_ident(*list);
                    tokens.extend(quote!(#list.push(#item);));
                }
                Stmt::Loop(repeat) => tokens.extend(self.for_loop(repeat)),
                // Printed by the loop, which knows what it carries.
                Stmt::BreakIf { .. } => {}
            }
        }
        (tokens, None)
    }

    fn is_inlined(&self, stmt: &Stmt) -> bool {
        matches!(stmt, Stmt::Let { out: Tree::Var(var), .. } if self.inlined.contains_key(var))
    }

    /// Whether the expression gives the tree as a Rust tuple, into variables of its own.
    fn is_plain(&self, out: &Tree, expr: &Expr) -> bool {
        !self.gives_state(expr) && out.vars().iter().all(|var| self.carry.local(*var) == *var)
    }

    fn for_loop(&mut self, repeat: &Loop) -> TokenStream {
        let before = self.enter(repeat);
        let count = self.size(&repeat.count);
        self.trace.open_loop();
        repeat
            .carried
            .iter()
            .for_each(|carried| self.trace.define_value(carried.current));
        let body = self.loop_body(repeat);
        let end = self.end(repeat);
        self.trace.close_loop();
        repeat
            .carried
            .iter()
            .for_each(|carried| self.trace.define_value(carried.result));
        let index = self.sizes.name(super::sizes::Term::Symbol(repeat.index));
        let index = index.unwrap_or_else(|| format_ident!("_"));
        let counts = self.counts(repeat);
        quote! {
            #before
            for #index in 0..#count {
                #body
                #end
            }
            #counts
        }
    }

    /// Declares the variables that change, where their first value does not live in them already.
    fn enter(&mut self, repeat: &Loop) -> TokenStream {
        let mut tokens = TokenStream::new();
        for carried in &repeat.carried {
            if self.carry.is_fused(carried) {
                self.keep(carried.init);
                continue;
            }
            let value = self.operand(carried.init);
            let bases = self.bases(carried.current, &["state".to_owned()]);
            let name = format_ident!("{}", self.trace.define(carried.current, bases));
            let mutability = self.carry.is_mutable(carried.current).then(|| quote!(mut));
            tokens.extend(quote!(let #mutability #name = #value;));
        }
        tokens
    }

    fn loop_body(&mut self, repeat: &Loop) -> TokenStream {
        let mut tokens = TokenStream::new();
        let mut start = 0;
        for (at, stmt) in repeat.body.iter().enumerate() {
            if let Stmt::BreakIf { cond, next, .. } = stmt {
                let before: Block = repeat.body.iter().take(at).skip(start).cloned().collect();
                tokens.extend(self.block(&before, None).0);
                tokens.extend(self.break_if(repeat, at, *cond, next));
                start = at + 1;
            }
        }
        let rest: Block = repeat.body.iter().skip(start).cloned().collect();
        tokens.extend(self.block(&rest, None).0);
        tokens
    }

    fn break_if(&mut self, repeat: &Loop, at: usize, cond: VarId, next: &[VarId]) -> TokenStream {
        let mut tokens = TokenStream::new();
        for carried in &repeat.carried {
            if self.carry.assign(carried) == Assign::Before(at) {
                tokens.extend(self.assign(carried.current, carried.next));
            }
        }
        let condition = self.operand(cond);
        let mut branch = TokenStream::new();
        for (carried, value) in repeat.carried.iter().zip(next) {
            if self.carry.local(*value) == carried.current {
                self.keep(*value);
            } else if !self.is_assigned(carried, at) {
                branch.extend(self.assign_and_leave(carried.current, *value));
            }
        }
        quote! {
            #tokens
            if #condition.into_scalar::<bool>() {
                #branch
                break;
            }
        }
    }

    fn is_assigned(&self, carried: &Carried, at: usize) -> bool {
        matches!(self.carry.assign(carried), Assign::Before(first) if first <= at)
    }

    fn assign(&mut self, local: VarId, value: VarId) -> TokenStream {
        let value = self.operand(value);
        self.trace.touch(local);
        let name = self.local_ident(local);
        quote!(#name = #value;)
    }

    /// An assignment before a `break`: what the loop itself computed is not needed after it.
    fn assign_and_leave(&mut self, local: VarId, value: VarId) -> TokenStream {
        if self.inlined.contains_key(&value) || !self.trace.is_here(value) {
            return self.assign(local, value);
        }
        self.keep(value);
        self.trace.touch(local);
        let (name, value) = (
            self.local_ident(local),
            self.local_ident(self.carry.local(value)),
        );
        quote!(#name = #value;)
    }

    /// What an iteration hands to the next one.
    fn end(&mut self, repeat: &Loop) -> TokenStream {
        let mut late = Vec::new();
        for carried in &repeat.carried {
            match self.carry.assign(carried) {
                Assign::AtEnd => late.push(*carried),
                Assign::AtDefinition => self.keep(carried.next),
                Assign::Before(_) => self.trace.touch(carried.current),
                Assign::Never => self.keep(carried.current),
            }
        }
        let reads = |carried: &Carried, other: &Carried| {
            carried.current != other.current
                && carry::leaves(self.inlined, &[other.next]).contains(&carried.current)
        };
        if !late
            .iter()
            .any(|carried| late.iter().any(|other| reads(carried, other)))
        {
            return late
                .iter()
                .map(|carried| self.assign(carried.current, carried.next))
                .collect();
        }
        let values: Vec<TokenStream> = late
            .iter()
            .map(|carried| self.operand(carried.next))
            .collect();
        for carried in &late {
            self.trace.touch(carried.current);
        }
        let names = late.iter().map(|carried| self.local_ident(carried.current));
        quote!((#(#names),*) = (#(#values),*);)
    }

    /// Names for how often a loop with a `break` ran, where that is needed.
    fn counts(&mut self, repeat: &Loop) -> TokenStream {
        let mut tokens = TokenStream::new();
        for list in repeat.body.iter().flat_map(Stmt::pushes) {
            let SlotType::List { length, .. } = &self.body[list].ty else {
                continue;
            };
            let Some(symbol @ Sym::Count(_)) = length.symbols().first().copied() else {
                continue;
            };
            let before = length
                .sub(&Dim::symbol(symbol))
                .and_then(|rest| rest.as_constant());
            let name = self.sizes.name(super::sizes::Term::Symbol(symbol));
            if let (Some(before), Some(name), true) = (before, name, tokens.is_empty()) {
                let list = self.local_ident(list);
                let rest = (before != 0).then(|| {
                    let number = token::integer(before);
                    quote!(- #number)
                });
                tokens.extend(quote!(let #name = #list.len() #rest;));
            }
        }
        tokens
    }

    /// The name of the variable that a value is computed from, where the value can be seen as its new content.
    pub(super) fn successor(&self, expr: &Expr) -> Option<String> {
        let vars = expr.vars();
        let [input] = vars.as_slice() else {
            return None;
        };
        match self.inlined.get(input) {
            Some(inner) => self.successor(inner),
            None => Some(self.trace.name(self.carry.local(*input))),
        }
    }

    /// A `let` or an assignment.
    fn let_stmt(&mut self, out: &Tree, expr: &Expr) -> TokenStream {
        // A step of a chain keeps the chain's name; what a layer gives to several places gets the layer's.
        let is_step = match expr {
            Expr::Op { .. } => true,
            Expr::Layer { .. } => {
                matches!(out, Tree::Var(var) if self.carry.is_used_once(*var))
            }
            Expr::Param(_) | Expr::Call { .. } | Expr::List(_) => false,
        };
        let successor = if is_step { self.successor(expr) } else { None };
        let mut hints: Vec<String> = successor.into_iter().collect();
        hints.push(ident::local(&self.hint(expr)));
        let value = self.expr(expr, out);
        if self.gives_state(expr) {
            return self.bind_state(out, &value);
        }
        self.bind(out, &value, &hints)
    }
}
