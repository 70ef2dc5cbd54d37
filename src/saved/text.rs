//! Values that are a text in a file, each with its own way back.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};
use serde_with::{DeserializeAs, SerializeAs};

use crate::model::{
    AccountId, ApiName, Code, ContactId, Number, OrgId, ProjectName, RecordId, Rule, SetName,
    Severity, UserId, Username,
};
use crate::plan::{Action, Object, Reason};

/// A value that can be written as a text and read back.
pub(super) trait Text: Sized {
    fn write(&self) -> Cow<'_, str>;
    fn read(text: &str) -> Option<Self>;
}

/// Serialises as a text.
pub(super) struct AsText;

impl<T: Text> SerializeAs<T> for AsText {
    fn serialize_as<S: Serializer>(source: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&source.write())
    }
}

impl<'de, T: Text> DeserializeAs<'de, T> for AsText {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        struct Reading<T>(std::marker::PhantomData<T>);
        impl<T: Text> Visitor<'_> for Reading<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text of the wanted kind")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
                T::read(text).ok_or_else(|| E::custom(format!("`{text}` is not of this kind")))
            }
        }
        deserializer.deserialize_str(Reading(std::marker::PhantomData))
    }
}

macro_rules! texts {
    ($($name:ty: $write:expr, $read:expr;)+) => {$(
        impl Text for $name {
            fn write(&self) -> Cow<'_, str> {
                let write: fn(&Self) -> Cow<'_, str> = $write;
                write(self)
            }

            fn read(text: &str) -> Option<Self> {
                let read: fn(&str) -> Option<Self> = $read;
                read(text)
            }
        }
    )+};
}

texts! {
    Username: |name| name.as_str().into(), |text| Some(Self::observed(text));
    ProjectName: |name| name.as_str().into(), |text| Self::parse(text).ok();
    SetName: |name| name.as_str().into(), |text| Some(Self::observed(text, None));
    ApiName: |name| name.as_str().into(), |text| Self::parse(text).ok();
    RecordId: |id| id.as_str().into(), |text| Self::observed(text).ok();
    OrgId: |id| id.as_str().into(), |text| Self::observed(text).ok();
    UserId: |id| id.as_str().into(), |text| Self::observed(text).ok();
    ContactId: |id| id.as_str().into(), |text| Self::observed(text).ok();
    AccountId: |id| id.as_str().into(), |text| Self::observed(text).ok();
    Date: |day| day.to_string().into(), |text| text.parse().ok();
    Timestamp: |moment| moment.to_string().into(), |text| text.parse().ok();
    // As a text, because a number of JSON may come back as its neighbour.
    Number: |number| number.get().to_string().into(), |text| Self::new(text.parse().ok()?);
    Arc<str>: |text| (&**text).into(), |text| Some(text.into());
    Rule: |rule| rule.as_str().into(), Self::from_text;
    Code: |code| code.as_str().into(), Self::from_text;
    Action: |action| action.as_str().into(), Self::from_text;
    Reason: |reason| reason.as_str().into(), Self::from_text;
    Object: |object| object.as_str().into(), |text| {
        find(&[Self::User, Self::Contact], text, |one| one.as_str())
    };
    Severity: |severity| severity.as_str().into(), |text| {
        find(&[Self::Error, Self::Warning, Self::Note], text, |one| one.as_str())
    };
}

fn find<T: Copy>(all: &[T], text: &str, name: fn(&T) -> &'static str) -> Option<T> {
    all.iter().copied().find(|one| name(one) == text)
}
