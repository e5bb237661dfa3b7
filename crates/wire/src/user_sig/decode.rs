//! Reading a signature, each field with its type.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

use super::{Claims, Unreadable, UserSig, VERSION, check::SIG_BYTES, text};

/// The document as it comes. Fields are read as any value first, so that a refusal can name the one that is wrong:
/// the messages of `serde_json` cannot be used, they repeat values and one of these is the signature.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "TLS.ver")]
    ver: Option<Value>,
    #[serde(rename = "TLS.identifier")]
    identifier: Option<Value>,
    #[serde(rename = "TLS.sdkappid")]
    sdkappid: Option<Value>,
    #[serde(rename = "TLS.time")]
    time: Option<Value>,
    #[serde(rename = "TLS.expire")]
    expire: Option<Value>,
    #[serde(rename = "TLS.userbuf")]
    userbuf: Option<Value>,
    #[serde(rename = "TLS.sig")]
    sig: Option<Value>,
}

impl UserSig {
    /// Reads the text of a signature as it stands in the URL after percent-decoding (docs/protocol.md, section 3).
    ///
    /// Keys may come in any order, unknown ones are ignored, white space around the document too. A key that comes twice
    /// is refused, a `null` counts as missing. Every refusal is answered with [`Unreadable::code`].
    pub fn decode(text: &str) -> Result<UserSig, Unreadable> {
        let document = parse(&text::unpack(text)?)?;
        version(document.ver)?;
        let claims = Claims {
            identifier: string("TLS.identifier", document.identifier)?,
            sdkappid: sdkappid(document.sdkappid)?,
            time: number("TLS.time", document.time)?,
            expire: number("TLS.expire", document.expire)?,
            userbuf: document.userbuf.map(|value| string("TLS.userbuf", Some(value))).transpose()?,
        };
        claims.refuse_bad_text()?;
        Ok(UserSig { claims, tls_sig: tls_sig(document.sig)? })
    }
}

fn parse(json: &[u8]) -> Result<Document, Unreadable> {
    // A derived reader would take an array of the fields in their order as well.
    let object = json.trim_ascii_start().starts_with(b"{");
    if object { serde_json::from_slice(json).map_err(|_| Unreadable::NotJson) } else { Err(Unreadable::NotJson) }
}

fn version(value: Option<Value>) -> Result<(), Unreadable> {
    let name = "TLS.ver";
    let found = string(name, value)?;
    if found == VERSION { Ok(()) } else { Err(Unreadable::Field { name, wants: "\"2.0\"" }) }
}

fn sdkappid(value: Option<Value>) -> Result<u32, Unreadable> {
    let name = "TLS.sdkappid";
    u32::try_from(number(name, value)?).map_err(|_| Unreadable::Field { name, wants: "a number of at most 4294967295" })
}

fn tls_sig(value: Option<Value>) -> Result<[u8; SIG_BYTES], Unreadable> {
    let name = "TLS.sig";
    let bytes = STANDARD.decode(string(name, value)?).unwrap_or_default();
    bytes.try_into().map_err(|_| Unreadable::Field { name, wants: "standard base64 of 32 bytes" })
}

fn string(name: &'static str, value: Option<Value>) -> Result<String, Unreadable> {
    match value {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Unreadable::Field { name, wants: "a string" }),
        None => Err(Unreadable::Missing { name }),
    }
}

fn number(name: &'static str, value: Option<Value>) -> Result<u64, Unreadable> {
    let value = value.ok_or(Unreadable::Missing { name })?;
    value.as_u64().ok_or(Unreadable::Field { name, wants: "a whole number, not negative and not in quotes" })
}
