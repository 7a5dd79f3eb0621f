//! The names that a template reads, found without running it.

use std::collections::BTreeSet;

use crate::expression::dialect::Dialect;
use crate::expression::failure::{RenderFailure, SourcePosition};
use crate::expression::statements::parse;
use crate::expression::syntax::{
    Arguments, Expression, ExpressionOperator, Macro, Statement, Statements, SyntaxNode,
};

/// A dotted path that a template reads, as far as it is spelt out: `parameters.name`, `steps.fetch.output.url`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ValueReference {
    pub path: Vec<String>,
    pub place: SourcePosition,
    /// It may be undefined here: a condition, a `default`, an `is defined`.
    pub guarded: bool,
    /// Paths without which this place is not reached: the conditions around it need them.
    pub needs: Vec<Vec<String>>,
    /// Filters that the template applies have an empty path here and their name in this field.
    pub filter: Option<String>,
}

/// Every path and filter that a template names, local names left out.
pub fn references(source: &str, dialect: Dialect<'_>) -> Result<Vec<ValueReference>, RenderFailure> {
    let body = parse(source, dialect)?;
    let mut found = ReferenceCollector {
        references: Vec::new(),
        locals: BTreeSet::from(["loop".into(), "caller".into()]),
        needs: Vec::new(),
    };
    found.body(&body);
    found.references.sort();
    found.references.dedup();
    Ok(found.references)
}

struct ReferenceCollector {
    references: Vec<ValueReference>,
    locals: BTreeSet<String>,
    needs: Vec<Vec<String>>,
}

impl ReferenceCollector {
    fn body(&mut self, body: &Statements) {
        for statement in body {
            self.statement(statement);
        }
    }

    fn optional(&mut self, body: Option<&Statements>) {
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
                    self.where_holds(condition, |collector| collector.body(body));
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

    /// Goes through what is reached only where a condition holds.
    fn where_holds(&mut self, condition: &Expression, go: impl FnOnce(&mut Self)) {
        let before = self.needs.len();
        needed(condition, &mut self.needs);
        go(self);
        self.needs.truncate(before);
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
                self.references.push(ValueReference {
                    path,
                    place: start(expression),
                    guarded,
                    needs: self.needs.clone(),
                    filter: None,
                });
            }
            return;
        }
        match &expression.node {
            SyntaxNode::Null
            | SyntaxNode::Bool(_)
            | SyntaxNode::Number(_)
            | SyntaxNode::Text(_)
            | SyntaxNode::Pattern(_)
            | SyntaxNode::Name(_) => {}
            SyntaxNode::List(items) | SyntaxNode::Group(items) => {
                items.iter().for_each(|each| self.expression(each, guarded))
            }
            SyntaxNode::Record(entries) => entries.iter().for_each(|(_, each)| self.expression(each, true)),
            SyntaxNode::Member(target, key) => {
                self.expression(target, guarded);
                self.expression(key, guarded);
            }
            SyntaxNode::Slice(target, parts) => {
                self.expression(target, guarded);
                parts.iter().flatten().for_each(|each| self.expression(each, guarded));
            }
            SyntaxNode::When { value, condition, otherwise } => {
                self.expression(condition, true);
                self.where_holds(condition, |collector| collector.expression(value, guarded));
                if let Some(otherwise) = otherwise {
                    self.expression(otherwise, guarded);
                }
            }
            SyntaxNode::Or(left, right) => {
                self.expression(left, true);
                self.expression(right, guarded);
            }
            SyntaxNode::And(left, right) => {
                self.expression(left, true);
                self.where_holds(left, |collector| collector.expression(right, guarded));
            }
            SyntaxNode::Not(target) => self.expression(target, true),
            SyntaxNode::Negative(target) | SyntaxNode::Positive(target) | SyntaxNode::Floor(target) => {
                self.expression(target, guarded)
            }
            SyntaxNode::Binary(_, left, right) | SyntaxNode::In(left, right) => {
                self.expression(left, guarded);
                self.expression(right, guarded);
            }
            SyntaxNode::Compare(left, compared) => {
                self.expression(left, true);
                compared.iter().for_each(|(_, each)| self.expression(each, true));
            }
            SyntaxNode::Is(target, _, arguments) => {
                self.expression(target, true);
                arguments.iter().for_each(|each| self.expression(each, true));
            }
            SyntaxNode::Filter(name, input, arguments) => {
                let filter = Some(name.to_string());
                self.references.push(ValueReference {
                    path: Vec::new(),
                    place: expression.place,
                    guarded,
                    needs: self.needs.clone(),
                    filter,
                });
                self.expression(input, guarded || matches!(&**name, "default" | "d"));
                self.arguments(arguments);
            }
            SyntaxNode::Call(target, arguments) => {
                match &target.node {
                    SyntaxNode::Member(receiver, _) => self.expression(receiver, guarded),
                    _ => self.expression(target, true),
                }
                self.arguments(arguments);
            }
            SyntaxNode::Capture(body) => self.body(body),
        }
    }
}

/// Paths that must have a value for a condition to hold, as far as that is plain: `a.b`, `a and b`, `a == "x"`, `a is defined`.
fn needed(condition: &Expression, paths: &mut Vec<Vec<String>>) {
    if let Some(path) = path(condition) {
        return paths.push(path);
    }
    match &condition.node {
        SyntaxNode::Group(items) if items.len() == 1 => needed(&items[0], paths),
        SyntaxNode::And(left, right) => {
            needed(left, paths);
            needed(right, paths);
        }
        SyntaxNode::Compare(left, compared) => {
            let equal = |operator: &ExpressionOperator| {
                matches!(operator, ExpressionOperator::Alike | ExpressionOperator::Same)
            };
            if let [(operator, right)] = compared.as_slice()
                && equal(operator)
                && matches!(&right.node, SyntaxNode::Text(_) | SyntaxNode::Number(_) | SyntaxNode::Bool(true))
            {
                paths.extend(path(left));
            }
        }
        SyntaxNode::Is(target, name, _) if &**name == "defined" => paths.extend(path(target)),
        _ => {}
    }
}

/// Where `a` of `a.b['c']` stands.
fn start(expression: &Expression) -> SourcePosition {
    match &expression.node {
        SyntaxNode::Member(target, _) => start(target),
        _ => expression.place,
    }
}

/// The dotted path of `a.b['c']`, if it is spelt out.
pub fn path(expression: &Expression) -> Option<Vec<String>> {
    match &expression.node {
        SyntaxNode::Name(name) => Some(vec![name.to_string()]),
        SyntaxNode::Member(target, key) => {
            let mut path = path(target)?;
            match &key.node {
                SyntaxNode::Text(text) => path.push(text.to_string()),
                SyntaxNode::Number(number) => path.push(number.to_string()),
                _ => return None,
            }
            Some(path)
        }
        _ => None,
    }
}
