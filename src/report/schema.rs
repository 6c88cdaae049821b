//! The JSON Schema of the report (draft 2020-12), made from the types that write it.

use schemars::{JsonSchema, Schema, generate::SchemaSettings};

use super::{AnomalyView, FindingView, HandshakeView, InputView, SummaryView, ToolView};

/// A report of jssl-analyze, as `-f json` writes it. `-f ndjson` writes a `Line` a line: see `$defs`.
///
/// Changes only add: fields that are not described here come from a later version, and may be passed over.
#[derive(JsonSchema)]
#[schemars(rename = "Report")]
#[expect(dead_code, reason = "a shape")]
struct Document {
    /// The schema's number.
    #[schemars(range(min = 1, max = 1))]
    schema: u32,
    /// What wrote it.
    tool: ToolView,
    /// What was read.
    inputs: Vec<InputView>,
    /// The numbers.
    summary: SummaryView,
    /// One object for each end of a handshake that is in the log.
    handshakes: Vec<HandshakeView<'static>>,
    /// Faults of the JVMs and of the logs themselves.
    findings: Vec<FindingView<'static>>,
    /// Odd input.
    anomalies: Vec<AnomalyView<'static>>,
}

/// One line of `-f ndjson`.
#[derive(JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
#[expect(dead_code, reason = "a shape")]
#[expect(clippy::large_enum_variant, reason = "nobody makes one")]
enum Line {
    /// What was read; where handshakes are told of as they happen, behind them.
    Input(InputView),
    /// A handshake.
    Handshake(Told),
    /// A fault of the JVM or of the log itself.
    Finding(FindingView<'static>),
    /// Odd input.
    Anomaly(AnomalyView<'static>),
    /// The numbers: the last line.
    Summary(End),
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape")]
struct Told {
    /// The outcome of which this handshake was told before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<words::OutcomeWord>")]
    replaces: Option<String>,
    #[serde(flatten)]
    handshake: HandshakeView<'static>,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape")]
struct End {
    /// The schema's number.
    #[schemars(range(min = 1, max = 1))]
    schema: u32,
    /// What wrote it.
    tool: ToolView,
    #[serde(flatten)]
    summary: SummaryView,
}

/// The schema of what this version writes.
pub fn schema() -> Schema {
    let mut generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    generator.subschema_for::<Line>();
    generator.into_root_schema_for::<Document>()
}

/// Fields that hold one of a few words.
pub(super) mod words {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use crate::{
        diagnose::{CommandKind, Confidence, Severity},
        event::AnomalyKind,
        handshake::{How, Outcome, Party, Role, StepDirection, What},
    };

    macro_rules! words {
        ($($name:ident: $words:expr;)+) => {$(
            pub(in crate::report) struct $name;

            impl JsonSchema for $name {
                fn inline_schema() -> bool {
                    true
                }

                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({"type": "string", "enum": $words})
                }
            }
        )+};
    }

    words! {
        AnomalyWord: AnomalyKind::ALL.map(AnomalyKind::name);
        CommandWord: CommandKind::ALL.map(CommandKind::name);
        ConfidenceWord: Confidence::ALL.map(Confidence::name);
        DirectionWord: StepDirection::ALL.map(StepDirection::name);
        HowWord: How::ALL.map(How::name);
        OutcomeWord: Outcome::ALL.map(Outcome::name);
        PartyWord: Party::ALL.map(Party::name);
        RoleWord: Role::ALL.map(Role::name);
        SeverityWord: Severity::ALL.map(Severity::name);
        StepWord: What::KINDS;
    }
}
