//! Values that many objects have in common, such as labels, owners, images and reasons: held once.

use serde::{Serialize, Serializer};
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;
use std::ops::Deref;
use std::sync::Arc;
use std::thread::LocalKey;

/// A value that is equal in many objects: one of them for all that were read by one thread a short while ago.
#[derive(Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Shared<T: ?Sized>(Arc<T>);

/// A text of which there are few: a reason, an image, the name of a container.
pub type SharedText = Shared<str>;

/// Values that are known, to be found again. It is only ever a help: where too many are known it begins anew.
pub struct ValuePool<T: ?Sized> {
    empty: Arc<T>,
    known: HashSet<Arc<T>>,
}

/// A kind of value that is worth looking for among those that are known.
pub trait Poolable: Eq + Hash + 'static {
    fn pool() -> &'static LocalKey<RefCell<ValuePool<Self>>>;
}

/// What a pool holds at most: the templates of a cluster are fewer.
const MOST_KNOWN: usize = 4096;
/// A longer text is no word that comes again.
const LONGEST: usize = 512;

/// Gives types a pool in each thread.
macro_rules! poolable {
    ($($Type:ty),*) => {$(
        impl $crate::shared::Poolable for $Type {
            fn pool() -> &'static std::thread::LocalKey<std::cell::RefCell<$crate::shared::ValuePool<Self>>> {
                thread_local!(
                    static POOL: std::cell::RefCell<$crate::shared::ValuePool<$Type>> = std::cell::RefCell::default()
                );
                &POOL
            }
        }
    )*};
}
pub(crate) use poolable;

poolable!(str, std::collections::BTreeMap<String, String>);

impl<T: ?Sized> Default for ValuePool<T>
where
    Arc<T>: Default,
{
    fn default() -> Self {
        ValuePool { empty: Arc::default(), known: HashSet::new() }
    }
}

impl<T: ?Sized + Poolable> ValuePool<T> {
    fn find(&mut self, value: &T, make: impl FnOnce() -> Arc<T>) -> Arc<T> {
        if let Some(known) = self.known.get(value) {
            return known.clone();
        }
        if self.known.len() >= MOST_KNOWN {
            self.known.clear();
        }
        let made = make();
        self.known.insert(made.clone());
        made
    }
}

impl<T: Poolable> Shared<T> {
    pub fn new(value: T) -> Shared<T> {
        T::pool().with_borrow_mut(|pool| {
            if value == *pool.empty {
                return Shared(pool.empty.clone());
            }
            let value = Arc::new(value);
            Shared(pool.find(&value.clone(), || value))
        })
    }
}

impl SharedText {
    pub fn of(text: &str) -> SharedText {
        match text.len() {
            0 => SharedText::default(),
            1..=LONGEST => SharedText::long(text),
            _ => Shared(Arc::from(text)),
        }
    }

    /// Of a text that is long and comes again all the same.
    pub fn long(text: &str) -> SharedText {
        Shared(str::pool().with_borrow_mut(|pool| pool.find(text, || Arc::from(text))))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: ?Sized> Shared<T> {
    /// Whether both are the very same one.
    #[cfg(test)]
    pub fn is_one(one: &Shared<T>, other: &Shared<T>) -> bool {
        Arc::ptr_eq(&one.0, &other.0)
    }
}

impl<T: ?Sized + Poolable> Default for Shared<T> {
    fn default() -> Self {
        T::pool().with_borrow(|pool| Shared(pool.empty.clone()))
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(self.0.clone())
    }
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for Shared<T> {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl<T: Poolable> From<T> for Shared<T> {
    fn from(value: T) -> Shared<T> {
        Shared::new(value)
    }
}

impl From<&str> for SharedText {
    fn from(text: &str) -> SharedText {
        SharedText::of(text)
    }
}

impl AsRef<str> for SharedText {
    fn as_ref(&self) -> &str {
        self
    }
}

impl PartialEq<str> for SharedText {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for SharedText {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl PartialEq<String> for SharedText {
    fn eq(&self, other: &String) -> bool {
        *self.0 == **other
    }
}

impl Serialize for SharedText {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, MOST_KNOWN, Poolable, Shared, SharedText};
    use std::collections::BTreeMap;

    #[test]
    fn what_is_equal_is_held_once() {
        let map = |value: &str| Shared::new(BTreeMap::from([("app".to_string(), value.to_string())]));
        assert!(Shared::is_one(&map("web"), &map("web")) && !Shared::is_one(&map("web"), &map("api")));
        assert!(Shared::is_one(&Shared::new(BTreeMap::<String, String>::new()), &Shared::default()));
        assert!(Shared::is_one(&SharedText::of("Ready"), &SharedText::of("Ready")));
        assert_eq!(SharedText::of("Ready"), "Ready");
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(SharedText::of(&long), SharedText::of(&long));
    }

    #[test]
    fn a_pool_that_is_full_begins_anew_and_loses_nothing() {
        let all: Vec<SharedText> =
            (0..2 * MOST_KNOWN).map(|number| SharedText::of(&number.to_string())).collect();
        assert!(all.iter().enumerate().all(|(number, text)| *text == number.to_string()));
        assert!(<str as Poolable>::pool().with_borrow(|pool| pool.known.len()) <= MOST_KNOWN);
    }
}
