//! From JSON to an operation's input.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use vizroom_protocol::Error;

/// Parses an input; an error names the offending field by its path.
pub(super) fn decode<T: DeserializeOwned>(data: &RawValue) -> Result<T, Error> {
    // serde takes an array for a struct; the protocol does not.
    if !data.get().starts_with('{') {
        return Err(Error::invalid("data", "an object is expected"));
    }
    // The path of what is wrong costs, and is needed only where something is.
    if let Ok(input) = serde_json::from_str(data.get()) {
        return Ok(input);
    }
    let mut json = serde_json::Deserializer::from_str(data.get());
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let mut path = error.path().to_string();
        let text = error.into_inner().to_string();
        let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(m, _)| m);
        // serde names a missing or unknown field only in its sentence.
        let named = ["missing field `", "unknown field `"].iter().find_map(|start| message.strip_prefix(start));
        if let Some((field, _)) = named.and_then(|rest| rest.split_once('`')) {
            if path == "." {
                path = field.into();
            } else if path != field && !path.ends_with(&format!(".{field}")) {
                path = format!("{path}.{field}");
            }
        }
        Error::invalid(if path == "." { "data".into() } else { path }, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vizroom_protocol::{chat, dashboard};

    fn field<T: DeserializeOwned>(json: &str) -> (Option<String>, String) {
        let data = RawValue::from_string(json.into()).expect("test data is JSON");
        let error = decode::<T>(&data).err().expect("a bad input");
        (error.field, error.message)
    }

    #[test]
    fn a_bad_input_names_its_field() {
        let id = "0190163d-8694-739b-aea5-966c26f8ad91";
        assert_eq!(field::<chat::Send>("{}").0.as_deref(), Some("room_id"));
        assert_eq!(field::<chat::Send>(&format!(r#"{{"room_id":"{id}","content":7}}"#)).0.as_deref(), Some("content"));
        assert_eq!(field::<chat::Send>(r#"{"room_id":"x","content":"y"}"#).0.as_deref(), Some("room_id"));
        let unknown = format!(r#"{{"room_id":"{id}","content":"y","colour":1}}"#);
        assert_eq!(field::<chat::Send>(&unknown).0.as_deref(), Some("colour"));
        let deep = r#"{"user_prompt":"x","file_ids":["nonsense"]}"#;
        assert_eq!(field::<dashboard::Generate>(deep).0.as_deref(), Some("file_ids[0]"));
        assert_eq!(field::<chat::Send>("[]").0.as_deref(), Some("data"));
    }
}
