//! Standard marks in events: a number where bytes are counted, and in dumps the text of bits that records have there.

use pinfold_core::StandardMarks;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub(super) fn serialize<S: Serializer>(marks: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        StandardMarks(*marks).text().serialize(serializer)
    } else {
        marks.serialize(serializer)
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    if !deserializer.is_human_readable() {
        return u64::deserialize(deserializer);
    }
    let marks: Result<StandardMarks, _> = String::deserialize(deserializer)?.parse();
    marks.map(|marks| marks.0).map_err(|_| de::Error::custom("a text of up to 64 bits that begins with 1 was expected"))
}
