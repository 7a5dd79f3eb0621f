//! The names that a template reads, found without running it.

use std::collections::BTreeSet;

use crate::scaffold::expression::statements::parse;
use crate::scaffold::expression::syntax::{Arguments, Body, Expression, Macro, Node, Statement};
use crate::scaffold::expression::{Dialect, Failure, Place};

/// A dotted path that a template reads, as far as it is spelt out: `parameters.name`, `steps.fetch.output.url`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    pub path: Vec<String>,
    pub place: Place,
    /// It may be undefined here: a condition, a `default`, an `is defined`.
    pub guarded: bool,
    /// Filters that the template applies have an empty path here and their name in this field.
    pub filter: Option<String>,
}

/// Every path and filter that a template names, local names left out.
pub fn references(source: &str, dialect: Dialect<'_>) -> Result<Vec<Reference>, Failure> {
    let body = parse(source, dialect)?;
    let mut found =
        Found { references: Vec::new(), locals: BTreeSet::from(["loop".into(), "caller".into()]) };
    found.body(&body);
    found.references.sort();
    found.references.dedup();
    Ok(found.references)
}

struct Found {
    references: Vec<Reference>,
    locals: BTreeSet<String>,
}

impl Found {
    fn body(&mut self, body: &Body) {
        for statement in body {
            self.statement(statement);
        }
    }

    fn optional(&mut self, body: Option<&Body>) {
        if let Some(body) = body {
            self.body(body);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Text(_) => {}
            Statement::Print(value) => self.expression(value, false),
            Statement::If { branches, otherwise } => {
                for (condition, body) in branches {
                    self.expression(condition, true);
                    self.body(body);
                }
                self.optional(otherwise.as_ref());
            }
            Statement::For { targets, over, body, otherwise } => {
                self.expression(over, false);
                self.locals.extend(targets.iter().map(ToString::to_string));
                self.body(body);
                self.optional(otherwise.as_ref());
            }
            Statement::Set { targets, value } => {
                self.expression(value, true);
                self.locals.extend(targets.iter().map(ToString::to_string));
            }
            Statement::Macro { name, macro_ } => {
                self.locals.insert(name.to_string());
                self.callable(macro_);
            }
            Statement::Call { target, arguments, caller, .. } => {
                self.expression(target, false);
                self.arguments(arguments);
                self.callable(caller);
            }
            Statement::Block(body) => self.body(body),
            Statement::Switch { value, cases, otherwise } => {
                self.expression(value, true);
                for (condition, body) in cases {
                    self.expression(condition, true);
                    self.body(body);
                }
                self.optional(otherwise.as_ref());
            }
        }
    }

    fn callable(&mut self, macro_: &Macro) {
        for (name, default) in &macro_.defaults {
            self.expression(default, true);
            self.locals.insert(name.to_string());
        }
        self.locals.extend(macro_.parameters.iter().map(ToString::to_string));
        self.body(&macro_.body);
    }

    fn arguments(&mut self, arguments: &Arguments) {
        arguments.positional.iter().for_each(|each| self.expression(each, true));
        arguments.named.iter().for_each(|(_, each)| self.expression(each, true));
    }

    fn expression(&mut self, expression: &Expression, guarded: bool) {
        if let Some(path) = path(expression) {
            if !self.locals.contains(&path[0]) {
                self.references.push(Reference { path, place: start(expression), guarded, filter: None });
            }
            return;
        }
        match &expression.node {
            Node::Null
            | Node::Bool(_)
            | Node::Number(_)
            | Node::Text(_)
            | Node::Pattern(_)
            | Node::Name(_) => {}
            Node::List(items) | Node::Group(items) => {
                items.iter().for_each(|each| self.expression(each, guarded))
            }
            Node::Record(entries) => entries.iter().for_each(|(_, each)| self.expression(each, true)),
            Node::Member(target, key) => {
                self.expression(target, guarded);
                self.expression(key, guarded);
            }
            Node::Slice(target, parts) => {
                self.expression(target, guarded);
                parts.iter().flatten().for_each(|each| self.expression(each, guarded));
            }
            Node::When { value, condition, otherwise } => {
                self.expression(condition, true);
                self.expression(value, guarded);
                if let Some(otherwise) = otherwise {
                    self.expression(otherwise, guarded);
                }
            }
            Node::Or(left, right) => {
                self.expression(left, true);
                self.expression(right, guarded);
            }
            Node::And(left, right) => {
                self.expression(left, true);
                self.expression(right, guarded);
            }
            Node::Not(target) => self.expression(target, true),
            Node::Negative(target) | Node::Positive(target) | Node::Floor(target) => {
                self.expression(target, guarded)
            }
            Node::Binary(_, left, right) | Node::In(left, right) => {
                self.expression(left, guarded);
                self.expression(right, guarded);
            }
            Node::Compare(left, compared) => {
                self.expression(left, true);
                compared.iter().for_each(|(_, each)| self.expression(each, true));
            }
            Node::Is(target, _, arguments) => {
                self.expression(target, true);
                arguments.iter().for_each(|each| self.expression(each, true));
            }
            Node::Filter(name, input, arguments) => {
                let filter = Some(name.to_string());
                self.references.push(Reference {
                    path: Vec::new(),
                    place: expression.place,
                    guarded,
                    filter,
                });
                self.expression(input, guarded || matches!(&**name, "default" | "d"));
                self.arguments(arguments);
            }
            Node::Call(target, arguments) => {
                match &target.node {
                    Node::Member(receiver, _) => self.expression(receiver, guarded),
                    _ => self.expression(target, true),
                }
                self.arguments(arguments);
            }
            Node::Capture(body) => self.body(body),
        }
    }
}

/// Where `a` of `a.b['c']` stands.
fn start(expression: &Expression) -> Place {
    match &expression.node {
        Node::Member(target, _) => start(target),
        _ => expression.place,
    }
}

/// The dotted path of `a.b['c']`, if it is spelt out.
pub fn path(expression: &Expression) -> Option<Vec<String>> {
    match &expression.node {
        Node::Name(name) => Some(vec![name.to_string()]),
        Node::Member(target, key) => {
            let mut path = path(target)?;
            match &key.node {
                Node::Text(text) => path.push(text.to_string()),
                Node::Number(number) => path.push(number.to_string()),
                _ => return None,
            }
            Some(path)
        }
        _ => None,
    }
}
