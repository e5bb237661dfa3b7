//! Indents JSON as text: parsing it would lose the order of fields.

/// Spaces a level.
const INDENT: usize = 2;

/// The same JSON, one value a line. The text must be valid JSON; of any other only the white space may differ.
pub(crate) fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut characters = json.chars().peekable();
    while let Some(character) = characters.next() {
        if in_string {
            out.push(character);
            in_string = escaped || character != '"';
            escaped = character == '\\' && !escaped;
            continue;
        }
        match character {
            '{' | '[' => {
                out.push(character);
                while characters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                match characters.next_if(|next| matches!(next, '}' | ']')) {
                    Some(end) => out.push(end),
                    None => {
                        depth += 1;
                        new_line(&mut out, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(character);
            }
            ',' => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            '"' => {
                in_string = true;
                out.push('"');
            }
            space if space.is_ascii_whitespace() => {}
            other => out.push(other),
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', depth * INDENT));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_get_lines_and_keep_their_order() {
        let json = r#"{"b":[1,{"x":null}],"a":"two"}"#;
        let lines = "{\n  \"b\": [\n    1,\n    {\n      \"x\": null\n    }\n  ],\n  \"a\": \"two\"\n}";
        assert_eq!(indented(json), lines);
    }

    #[test]
    fn nothing_in_a_string_is_touched() {
        let json = r#"["a,b:{c} [d]","quote \" and, \\","é"]"#;
        let lines = "[\n  \"a,b:{c} [d]\",\n  \"quote \\\" and, \\\\\",\n  \"é\"\n]";
        assert_eq!(indented(json), lines);
    }

    #[test]
    fn empty_lists_and_objects_stay_on_their_line() {
        assert_eq!(indented("{ \"a\" : [ ], \"b\":{}}"), "{\n  \"a\": [],\n  \"b\": {}\n}");
    }
}
