//! JSON as rows: an array, an object that holds one, or values one after another. What is nested stays JSON text.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::io::BufReader;
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use vizroom_protocol::error::Error;

use super::csv::Paced;
use super::ingest::Row;
use super::sniff::{refused, unreadable};
use super::text::Text;

/// A JSON file, ready to be read any number of times.
pub(super) struct Json {
    text: Text,
    place: Place,
    row_bytes: usize,
    columns_max: usize,
    /// In order of first appearance; complete after the first reading.
    pub(super) names: Vec<String>,
    index: HashMap<String, usize>,
}

/// Where the rows are.
enum Place {
    /// One value after another.
    Values,
    /// The file is one array.
    Array,
    /// An array under this key.
    Under(String),
}

impl Json {
    /// `lines`: values one after another rather than one.
    pub(super) fn examine(text: Text, lines: bool, row_bytes: usize, columns_max: usize) -> Result<Self, Error> {
        let place = if lines {
            Place::Values
        } else {
            let reader = BufReader::new(text.open().map_err(|error| unreadable(&error))?);
            let arrays = serde_json::Deserializer::from_reader(reader).deserialize_any(Outline);
            match arrays.map_err(|error| unreadable(&error))? {
                None => Place::Array,
                Some(arrays) => under(arrays)?,
            }
        };
        Ok(Self { text, place, row_bytes, columns_max, names: Vec::new(), index: HashMap::new() })
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        self.text.warning().into_iter().collect()
    }

    /// Shows every row to `visit`, in order.
    pub(super) fn each(&mut self, visit: &mut dyn FnMut(Row<'_>) -> Result<(), Error>) -> Result<(), Error> {
        let left = Rc::new(Cell::new(self.row_bytes));
        let inner = self.text.open().map_err(|error| unreadable(&error))?;
        let reader = BufReader::new(Paced { inner, left: left.clone(), row_bytes: self.row_bytes });
        let mut json = serde_json::Deserializer::from_reader(reader);
        let place = std::mem::replace(&mut self.place, Place::Values);
        let mut rows = Rows { json: self, left, visit, cells: Vec::new(), stopped: None };
        let read = match &place {
            Place::Values => json.into_iter::<Box<RawValue>>().try_for_each(|value| rows.take(&value?)),
            Place::Array => Elements(&mut rows).deserialize(&mut json),
            Place::Under(key) => json.deserialize_map(Under { key, rows: &mut rows }),
        };
        let stopped = rows.stopped.take();
        self.place = place;
        match (stopped, read) {
            (Some(error), _) => Err(error),
            (None, read) => read.map_err(|error| unreadable(&error)),
        }
    }

    fn column(&mut self, name: Cow<'_, str>) -> Result<usize, Error> {
        if let Some(&column) = self.index.get(name.as_ref()) {
            return Ok(column);
        }
        if self.names.len() == self.columns_max {
            return Err(super::ingest::too_many_columns(self.columns_max));
        }
        self.names.push(name.to_string());
        self.index.insert(name.into_owned(), self.names.len() - 1);
        Ok(self.names.len() - 1)
    }
}

/// The one array of an object that holds its rows: objects rather than numbers, if there are both.
fn under(mut arrays: Vec<(String, Shape)>) -> Result<Place, Error> {
    if arrays.iter().any(|(_, shape)| *shape == Shape::Objects) {
        arrays.retain(|(_, shape)| *shape == Shape::Objects);
    }
    match arrays.as_slice() {
        [] => Ok(Place::Values),
        [(key, _)] => Ok(Place::Under(key.clone())),
        several => {
            let keys: Vec<&str> = several.iter().map(|(key, _)| key.as_str()).collect();
            Err(refused(format!("the file holds several tables ({}); split it", keys.join(", "))))
        }
    }
}

/// One reading in progress.
struct Rows<'a> {
    json: &'a mut Json,
    left: Rc<Cell<usize>>,
    visit: &'a mut dyn FnMut(Row<'_>) -> Result<(), Error>,
    cells: Vec<Option<String>>,
    /// Why the reading ended early, if not for the JSON.
    stopped: Option<Error>,
}

impl Rows<'_> {
    fn take(&mut self, value: &RawValue) -> Result<(), serde_json::Error> {
        self.left.set(self.json.row_bytes);
        self.cells.iter_mut().for_each(|cell| *cell = None);
        let text = value.get();
        match text.as_bytes().first() {
            Some(b'{') => {
                let Pairs(pairs) = serde_json::from_str(text)?;
                pairs.into_iter().try_for_each(|(name, value)| self.set(name, value))?;
            }
            Some(b'[') => {
                let values: Vec<&RawValue> = serde_json::from_str(text)?;
                let mut named = values.into_iter().enumerate();
                named.try_for_each(|(at, value)| self.set(format!("column_{}", at + 1).into(), value))?;
            }
            _ => self.set("value".into(), value)?,
        }
        let seen = (self.visit)(Row::Json(&self.cells));
        self.stop(seen).map(|_| ())
    }

    fn set(&mut self, name: Cow<'_, str>, value: &RawValue) -> Result<(), serde_json::Error> {
        let column = self.json.column(name);
        let column = self.stop(column)?;
        if self.cells.len() <= column {
            self.cells.resize(column + 1, None);
        }
        self.cells[column] = match value.get() {
            "null" => None,
            text if text.starts_with('"') => Some(serde_json::from_str(text)?),
            text => Some(text.to_owned()),
        };
        Ok(())
    }

    /// Passes an error of ours through serde.
    fn stop<T>(&mut self, result: Result<T, Error>) -> Result<T, serde_json::Error> {
        result.map_err(|error| {
            self.stopped = Some(error);
            serde_json::Error::custom("stopped")
        })
    }
}

/// An object's fields in their order.
struct Pairs<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Pairs<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    pairs.push((name.0, value));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// A key, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Streams an array's elements into rows.
struct Elements<'r, 'a>(&'r mut Rows<'a>);

impl<'de> DeserializeSeed<'de> for Elements<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<Box<RawValue>>()? {
            self.0.take(&element).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// Streams the array under one key of an object.
struct Under<'r, 'a> {
    key: &'r str,
    rows: &'r mut Rows<'a>,
}

impl<'de> Visitor<'de> for Under<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an object with an array under {}", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.rows.left.set(self.rows.json.row_bytes);
            if key == self.key {
                map.next_value_seed(Elements(self.rows))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// What a value is, as far as rows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Scalar,
    Object,
    /// An array that begins with an object.
    Objects,
    Array,
}

/// The keys of an object that hold arrays; none for an array itself.
struct Outline;

impl<'de> Visitor<'de> for Outline {
    type Value = Option<Vec<(String, Shape)>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of rows, or an object that holds one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut arrays = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let shape = map.next_value::<Shape>()?;
            if matches!(shape, Shape::Objects | Shape::Array) {
                arrays.push((key, shape));
            }
        }
        Ok(Some(arrays))
    }
}

impl<'de> serde::Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeOf)
    }
}

/// Skips a value, and says what it was.
struct ShapeOf;

impl<'de> Visitor<'de> for ShapeOf {
    type Value = Shape;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Shape, A::Error> {
        let first = elements.next_element::<Shape>()?;
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(if first == Some(Shape::Object) { Shape::Objects } else { Shape::Array })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Shape::Object)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
}
