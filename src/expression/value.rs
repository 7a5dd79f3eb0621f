//! The values of a template, and how JavaScript turns them into text, numbers, truth and JSON.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::expression::number;
use crate::expression::pattern::Pattern;

/// What a value function says when it cannot; the evaluator adds the place.
pub type Fallible<T> = Result<T, String>;

#[derive(Clone)]
pub enum Value {
    /// Not there; it remembers the name that was not found, unless that name is known to be optional.
    Undefined(Option<Rc<Missing>>),
    Null,
    Bool(bool),
    Number(f64),
    Text(Rc<str>),
    /// Text that `escape` leaves alone.
    Safe(Rc<str>),
    List(Rc<RefCell<Vec<Value>>>),
    Record(Rc<Record>),
    Pattern(Rc<Pattern>),
    Callable(Rc<Callable>),
}

/// A name that was looked up and not found; lines and columns from 1.
pub struct Missing {
    pub path: String,
    pub line: u32,
    pub column: u32,
    pub hint: Option<String>,
}

/// What a template can call: macros, the few global functions, and methods of values.
pub enum Callable {
    /// The number of a macro, by which the evaluator knows it.
    Macro(usize),
    Range,
    NewCycler,
    NewJoiner,
    Always,
    Failure,
    Cycler(Rc<Cycler>),
    CyclerNext(Rc<Cycler>),
    CyclerReset(Rc<Cycler>),
    Joiner {
        separator: Value,
        used: Cell<bool>,
    },
    Method(Value, Rc<str>),
}

pub struct Cycler {
    values: Vec<Value>,
    index: RefCell<Option<usize>>,
}

impl Cycler {
    pub fn new(values: Vec<Value>) -> Self {
        Self { values, index: RefCell::new(None) }
    }

    pub fn current(&self) -> Value {
        self.index.borrow().and_then(|index| self.values.get(index).cloned()).unwrap_or(Value::Null)
    }

    pub fn next(&self) -> Value {
        if self.values.is_empty() {
            return Value::UNDEFINED;
        }
        let next = self.index.borrow().map_or(0, |index| (index + 1) % self.values.len());
        *self.index.borrow_mut() = Some(next);
        self.current()
    }

    pub fn reset(&self) {
        *self.index.borrow_mut() = None;
    }
}

/// Work that is left, so that no template can run for ever or fill the memory.
pub struct Fuel {
    left: Cell<u64>,
    /// Who does too much where nothing is left.
    whose: &'static str,
}

impl Fuel {
    pub fn new(units: u64) -> Self {
        Self { left: Cell::new(units), whose: "the template does too much work" }
    }

    /// For all renderings of a run together.
    pub fn of_run(units: u64) -> Self {
        Self {
            left: Cell::new(units),
            whose: "the files and steps of the template do too much work together",
        }
    }

    /// For one rendering of a run: what one may have, and no more than all have left.
    pub fn part_of(run: Option<&Fuel>, units: u64) -> Self {
        match run.filter(|run| run.left.get() < units) {
            Some(run) => Self { left: run.left.clone(), whose: run.whose },
            None => Self::new(units),
        }
    }

    /// Takes from the run what a part that had `units` has used.
    pub fn settle(run: Option<&Fuel>, part: &Fuel, units: u64) {
        if let Some(run) = run {
            let had = units.min(run.left.get());
            run.left.set(run.left.get() - had.saturating_sub(part.left.get()));
        }
    }

    pub fn spend(&self, units: u64) -> Fallible<()> {
        match self.left.get().checked_sub(units) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            // What follows has nothing either: a text that was too long is not tried again.
            None => {
                self.left.set(0);
                Err(format!("{}; rendering was stopped", self.whose))
            }
        }
    }

    /// Pays for making a text of so many bytes.
    pub fn text(&self, bytes: usize) -> Fallible<()> {
        self.spend(1 + bytes as u64 / 16)
    }
}

/// Named values in JavaScript's order: whole numbers ascending, then the others as they were first set.
#[derive(Default)]
pub struct Record {
    order: Vec<Rc<str>>,
    entries: HashMap<Rc<str>, Value>,
}

impl Record {
    pub fn new(pairs: impl IntoIterator<Item = (Rc<str>, Value)>) -> Self {
        let mut record = Self::default();
        for (key, value) in pairs {
            if record.entries.insert(Rc::clone(&key), value).is_none() {
                record.order.push(key);
            }
        }
        record.order.sort_by_key(|key| index_of(key).unwrap_or(u32::MAX));
        record
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key)
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn keys(&self) -> &[Rc<str>] {
        &self.order
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Rc<str>, &Value)> {
        self.order.iter().filter_map(|key| Some((key, self.entries.get(key)?)))
    }
}

/// The array index that a key spells, in canonical decimal.
pub fn index_of(key: &str) -> Option<u32> {
    let plain = key == "0" || (!key.starts_with('0') && key.bytes().all(|byte| byte.is_ascii_digit()));
    if plain { key.parse().ok().filter(|index| *index != u32::MAX) } else { None }
}

impl Value {
    pub const UNDEFINED: Value = Value::Undefined(None);

    pub fn text(text: impl AsRef<str>) -> Self {
        Value::Text(Rc::from(text.as_ref()))
    }

    pub fn list(items: Vec<Value>) -> Self {
        Value::List(Rc::new(RefCell::new(items)))
    }

    pub fn record<'a>(pairs: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        Value::Record(Rc::new(Record::new(pairs.into_iter().map(|(key, value)| (Rc::from(key), value)))))
    }

    pub fn is_undefined(&self) -> bool {
        matches!(self, Value::Undefined(_))
    }

    pub fn is_nullish(&self) -> bool {
        matches!(self, Value::Undefined(_) | Value::Null)
    }

    /// The text of a `Text` or `Safe`.
    pub fn as_text(&self) -> Option<&Rc<str>> {
        match self {
            Value::Text(text) | Value::Safe(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_truthy(&self) -> bool {
        match self {
            Value::Undefined(_) | Value::Null => false,
            Value::Bool(flag) => *flag,
            Value::Number(number) => *number != 0.0 && !number.is_nan(),
            Value::Text(text) => !text.is_empty(),
            _ => true,
        }
    }

    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Undefined(_) => "undefined",
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::Text(_) | Value::Safe(_) => "text",
            Value::List(_) => "list",
            Value::Record(_) => "object",
            Value::Pattern(_) => "regular expression",
            Value::Callable(_) => "function",
        }
    }

    fn is_primitive(&self) -> bool {
        matches!(self, Value::Undefined(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_))
    }

    /// JavaScript's ToPrimitive: lists are joined by commas, objects are `[object Object]`.
    pub fn primitive(&self, fuel: &Fuel) -> Fallible<Value> {
        match self {
            Value::Callable(_) => Err("a function has no text".into()),
            value if value.is_primitive() => Ok(value.clone()),
            value => Ok(Value::text(value.string(fuel)?)),
        }
    }

    /// JavaScript's String(value): undefined and null are words.
    pub fn string(&self, fuel: &Fuel) -> Fallible<Rc<str>> {
        self.string_at(fuel, 0)
    }

    fn string_at(&self, fuel: &Fuel, depth: usize) -> Fallible<Rc<str>> {
        if depth > MAX_NESTING {
            return Err("a list holds itself, or is nested too deeply".into());
        }
        fuel.spend(1)?;
        Ok(match self {
            Value::Undefined(_) => Rc::from("undefined"),
            Value::Null => Rc::from("null"),
            Value::Bool(flag) => Rc::from(if *flag { "true" } else { "false" }),
            Value::Number(number) => Rc::from(number::to_text(*number)),
            Value::Text(text) | Value::Safe(text) => Rc::clone(text),
            Value::Record(_) => Rc::from("[object Object]"),
            Value::Pattern(pattern) => Rc::from(pattern.to_text()),
            Value::Callable(_) => return Err("a function has no text".into()),
            Value::List(items) => {
                let mut joined = String::new();
                for (index, item) in items.borrow().iter().enumerate() {
                    if index > 0 {
                        joined.push(',');
                    }
                    if !item.is_nullish() {
                        joined.push_str(&item.string_at(fuel, depth + 1)?);
                    }
                }
                fuel.text(joined.len())?;
                Rc::from(joined)
            }
        })
    }

    /// What `${{ value }}` prints: nothing for undefined and null.
    pub fn printed(&self, fuel: &Fuel) -> Fallible<Rc<str>> {
        if self.is_nullish() { Ok(Rc::from("")) } else { self.string(fuel) }
    }

    pub fn number(&self, fuel: &Fuel) -> Fallible<f64> {
        Ok(match self.primitive(fuel)? {
            Value::Undefined(_) => f64::NAN,
            Value::Null => 0.0,
            Value::Bool(flag) => f64::from(u8::from(flag)),
            Value::Number(number) => number,
            Value::Text(text) => number::parse(&text),
            _ => f64::NAN,
        })
    }
}

/// How deeply lists and objects may hold each other.
pub const MAX_NESTING: usize = 64;

/// `===`: the same primitive, or the very same list or object.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Undefined(_), Value::Undefined(_)) | (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::Safe(left), Value::Safe(right)) => Rc::ptr_eq(left, right),
        (Value::List(left), Value::List(right)) => Rc::ptr_eq(left, right),
        (Value::Record(left), Value::Record(right)) => Rc::ptr_eq(left, right),
        (Value::Pattern(left), Value::Pattern(right)) => Rc::ptr_eq(left, right),
        (Value::Callable(left), Value::Callable(right)) => Rc::ptr_eq(left, right),
        _ => false,
    }
}

/// `==`, with JavaScript's conversions.
pub fn alike(left: &Value, right: &Value, fuel: &Fuel) -> Fallible<bool> {
    if same(left, right) {
        return Ok(true);
    }
    if !left.is_primitive() && !right.is_primitive() {
        return Ok(false);
    }
    let (left, right) = (left.primitive(fuel)?, right.primitive(fuel)?);
    if left.is_nullish() || right.is_nullish() {
        return Ok(left.is_nullish() && right.is_nullish());
    }
    match (&left, &right) {
        (Value::Text(left), Value::Text(right)) => Ok(left == right),
        _ => Ok(left.number(fuel)? == right.number(fuel)?),
    }
}

/// `<` and its kin: texts by UTF-16 units, all else as numbers; none where a side is no number.
pub fn order(left: &Value, right: &Value, fuel: &Fuel) -> Fallible<Option<std::cmp::Ordering>> {
    let (left, right) = (left.primitive(fuel)?, right.primitive(fuel)?);
    if let (Value::Text(left), Value::Text(right)) = (&left, &right) {
        return Ok(Some(left.encode_utf16().cmp(right.encode_utf16())));
    }
    Ok(left.number(fuel)?.partial_cmp(&right.number(fuel)?))
}

/// `+`: texts are joined, all else is added.
pub fn add(left: &Value, right: &Value, fuel: &Fuel) -> Fallible<Value> {
    let (left, right) = (left.primitive(fuel)?, right.primitive(fuel)?);
    if matches!(left, Value::Text(_)) || matches!(right, Value::Text(_)) {
        return join(&left, &right, fuel);
    }
    Ok(Value::Number(left.number(fuel)? + right.number(fuel)?))
}

/// `~`: the texts of both, one after the other.
pub fn join(left: &Value, right: &Value, fuel: &Fuel) -> Fallible<Value> {
    let joined = format!("{}{}", left.string(fuel)?, right.string(fuel)?);
    fuel.text(joined.len())?;
    Ok(Value::text(joined))
}
