//! Transcripts that hold for every command of a service.

use pinfold_wire::commands::COMMANDS;

use super::{Step, Transcript};

/// The calls after which every one of [`VALID_BODIES`] is answered with success.
pub const PREPARATIONS: [(&str, &str); 3] = [
    ("im_open_login_svc/multiaccount_import", r#"{"Accounts":["alice","bob"]}"#),
    (
        "recentcontact/create_contact_group",
        r#"{"From_Account":"alice","GroupContactItem":[{"GroupName":"Work","ContactItem":[{"Type":1,"To_Account":"bob"}]}]}"#,
    ),
    ("group_open_http_svc/create_group", r#"{"Type":"Public","Name":"Room","GroupId":"room"}"#),
];

/// A body for each command, in the order of [`COMMANDS`], with every field that the command knows.
pub const VALID_BODIES: [&str; COMMANDS.len()] = [
    r#"{"From_Account":"alice","GroupContactItem":[{"GroupName":"Home","ContactItem":[{"Type":1,"To_Account":"bob"}]}]}"#,
    r#"{"From_Account":"alice","UpdateType":1,"UpdateGroup":{"UpdateGroupType":2,"OldGroupName":"Work","ContactUpdateItem":[{"ContactOptType":1,"ContactItem":{"Type":1,"To_Account":"bob"}}]}}"#,
    r#"{"From_Account":"alice","GroupName":["Work"]}"#,
    r#"{"From_Account":"alice","MarkItem":[{"OptType":3,"ContactItem":{"Type":1,"To_Account":"bob"},"ClearMark":[1],"SetMark":[0],"CustomMark":"vip"}]}"#,
    r#"{"From_Account":"alice","ContactItem":[{"Type":1,"To_Account":"bob"}]}"#,
    r#"{"From_Account":"alice","StartIndex":0}"#,
    r#"{"From_Account":"alice","OperationType":1,"RecentContactItem":[{"Type":1,"To_Account":"bob"}]}"#,
    r#"{"UserID":"carol","Nick":"Carol","FaceUrl":"http://example.org/carol.png"}"#,
    r#"{"AccountList":[{"UserID":"carol","Nick":"Carol","FaceUrl":"http://example.org/carol.png"}]}"#,
    r#"{"CheckItem":[{"UserID":"bob"}]}"#,
    r#"{"DeleteItem":[{"UserID":"bob"}]}"#,
    r#"{"Type":"Public","Name":"Chess","Owner_Account":"bob","GroupId":"chess"}"#,
    r#"{"Type":"Public","Name":"Chess","Owner_Account":"bob","GroupId":"@TGS#chess","CreateTime":1600000000}"#,
    r#"{"GroupId":"room"}"#,
    r#"{"GroupIdList":["room"]}"#,
    r#"{"Limit":10,"Next":0,"GroupType":"Public"}"#,
];

/// The transcript itself, or one of its kind for each command of the service it is for: `«command»` is the path of the
/// command, `«name»` its last part, `«body»` one of [`VALID_BODIES`].
pub fn expand(transcript: &Transcript) -> Vec<Transcript> {
    let Some(service) = transcript.every else { return vec![transcript.clone()] };
    let of_service = COMMANDS.iter().zip(VALID_BODIES).filter(|(listed, _)| listed.service == service);
    let one = |(listed, body): (&pinfold_wire::commands::Listed, &str)| {
        let path = format!("{}/{}", service.path(), listed.name);
        let fill = |text: &mut String| {
            *text = text.replace("«command»", &path).replace("«name»", listed.name).replace("«body»", body);
        };
        let mut transcript = transcript.clone();
        for step in &mut transcript.steps {
            if let Step::Call(exchange) = step {
                fill(&mut exchange.target);
                fill(&mut exchange.body);
                fill(&mut exchange.answer);
            }
        }
        transcript
    };
    of_service.map(one).collect()
}
