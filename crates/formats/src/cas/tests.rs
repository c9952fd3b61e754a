mod round_trip;

use std::sync::Arc;

use serde_json::json;
use spanarc_document::{Origin, State};

use super::type_system;
use crate::{
    any_document::{read_one, read_text, written},
    format::Format,
    note::Note,
    reading::Reading,
    reported::{links, mentions, notes, refused},
};

const BOTH: [Format; 2] = [Format::CasXmi, Format::CasJson];

/// An XMI file around structures, with the text "Ada met Bob 👍 in York." in the sofa 1.
fn xmi(structures: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore"
  xmlns:custom="http:///webanno/custom.ecore" xmlns:bare="http:///uima/noNamespace.ecore"
  xmlns:type2="http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore"
  xmlns:type="http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore"
  xmlns:pos="http:///de/tudarmstadt/ukp/dkpro/core/api/lexmorph/type/pos.ecore"
  xmlns:meta="http:///de/tudarmstadt/ukp/dkpro/core/api/metadata/type.ecore" xmi:version="2.0">
<cas:NULL xmi:id="0"/>
{structures}
<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text" sofaString="Ada met Bob 👍 in York."/>
</xmi:XMI>
"#
    )
}

/// The same in JSON.
fn cas_json(structures: &str) -> String {
    format!(
        r#"{{"%FEATURE_STRUCTURES": [
{{"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaNum": 1, "sofaID": "_InitialView", "sofaString": "Ada met Bob 👍 in York."}}{structures}
]}}"#
    )
}

#[test]
fn named_entities_and_relations_of_xmi_are_read_with_the_name_of_the_document() {
    let text = xmi(
        r#"<type2:NamedEntity xmi:id="7" sofa="1" begin="0" end="3" value="PER"/>
<type2:NamedEntity xmi:id="8" sofa="1" begin="18" end="22" value="LOC" identifier="http://kb.example/York"/>
<type2:Person xmi:id="9" sofa="1" begin="8" end="11"/>
<custom:Relation xmi:id="10" sofa="1" begin="18" end="22" Governor="7" Dependent="8" value="visited"/>
<meta:DocumentMetaData xmi:id="2" sofa="1" begin="0" end="23" documentTitle="a letter" documentId="admin"/>"#,
    );
    let read = read_one(Format::CasXmi, &[text]);
    assert_eq!(read.id, "a letter");
    assert_eq!(
        mentions(&read),
        [("PER", "Ada"), ("Person", "Bob"), ("LOC", "York")]
    );
    assert_eq!(links(&read), ["visited(Ada, York)"]);
    let york = &read.document.mentions()[2].attributes;
    let iri = json!([{"resource": "", "id": "http://kb.example/York"}]);
    assert_eq!(york["normalizations"], iri);
    assert_eq!(read.place_of(read.document.links()[0].id).line, 12);
}

#[test]
fn a_file_without_metadata_is_called_by_its_name() {
    let mut reading = Reading::default();
    super::read_xmi(&xmi(""), &Arc::from("letters/from.york.xmi"), &mut reading);
    assert_eq!(reading.documents[0].id, "from.york");
}

#[test]
fn custom_layers_have_the_type_in_value_label_or_type_or_else_in_their_name() {
    let text = xmi(
        r#"<custom:Drug xmi:id="7" sofa="1" begin="0" end="3" Label="opioid" type="x" dose="2"/>
<custom:Drug xmi:id="8" sofa="1" begin="8" end="11"><tags>a b</tags><tags>c</tags></custom:Drug>
<bare:Thing xmi:id="9" sofa="1" begin="18" end="22"/>
<custom:Link xmi:id="10" sofa="1" begin="8" end="11" source="7" target="8"/>"#,
    );
    let read = read_one(Format::CasXmi, &[text]);
    assert_eq!(
        mentions(&read),
        [("opioid", "Ada"), ("Drug", "Bob"), ("Thing", "York")]
    );
    assert_eq!(links(&read), ["Link(Ada, Bob)"]);
    let all = read.document.mentions();
    let expected = json!({"dose": "2", "type": "x", "layer": "webanno.custom.Drug"});
    assert_eq!(json!(all[0].attributes), expected);
    assert_eq!(all[1].attributes["tags"], json!(["a b", "c"]));
}

#[test]
fn a_feature_called_source_does_not_make_a_mention_a_relation() {
    let text =
        xmi(r#"<custom:Drug xmi:id="7" sofa="1" begin="0" end="3" source="a book" target="x"/>"#);
    assert_eq!(
        mentions(&read_one(Format::CasXmi, &[text])),
        [("Drug", "Ada")]
    );
}

#[test]
fn sentences_and_tokens_are_read() {
    let text = xmi(r#"<type:Token xmi:id="3" sofa="1" begin="12" end="14"/>
<type:Token xmi:id="4" sofa="1" begin="0" end="3"/>
<type:Token xmi:id="5" sofa="1" begin="18" end="22"/>
<type:Sentence xmi:id="6" sofa="1" begin="0" end="11"/>
<type:Sentence xmi:id="7" sofa="1" begin="12" end="23" id="second"/>"#);
    let read = read_one(Format::CasXmi, &[text]);
    let sentences = read.sentences.unwrap();
    let words: Vec<(&str, Vec<&str>)> = (sentences.iter())
        .map(|s| (&*s.id, s.tokens.iter().map(|token| &*token.word).collect()))
        .collect();
    assert_eq!(
        words,
        [("t:1", vec!["Ada"]), ("second", vec!["👍", "York"])]
    );
}

#[test]
fn other_layers_other_views_and_what_is_not_indexed_are_noted_once_each() {
    let text = xmi(
        r#"<pos:POS xmi:id="3" sofa="1" begin="0" end="3" PosValue="NE"/>
<pos:POS xmi:id="4" sofa="1" begin="4" end="7" PosValue="V"/>
<type2:NamedEntity xmi:id="5" sofa="9" begin="0" end="3" value="PER"/>
<type2:NamedEntity xmi:id="6" sofa="1" begin="0" end="3" value="PER"/>
<type2:NamedEntity xmi:id="7" sofa="1" begin="8" end="11" value="PER" roles="20 21"/>
<custom:RoleLink xmi:id="20" role="agent" target="6"/>
<custom:RoleLink xmi:id="21" role="agent" target="6"/>
<custom:Relation xmi:id="22" sofa="1" begin="0" end="3" Governor="7" Dependent="3"/>
<cas:Sofa xmi:id="9" sofaNum="2" sofaID="other" sofaString="Ada"/>
<cas:View sofa="1" members="3 4 7 22"/>"#,
    );
    let reading = read_text(Format::CasXmi, &[text]);
    assert_eq!(refused(&reading), Vec::<String>::new());
    assert_eq!(mentions(&reading.documents[0]), [("PER", "Bob")]);
    let other = Note::OtherAnnotation;
    let expected = [
        (Note::RelationOfDropped, "xmi:id 22 (Relation)"),
        (
            other,
            "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS (2)",
        ),
        (
            other,
            "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity, not indexed (1)",
        ),
        (
            other,
            "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity:roles (1)",
        ),
        (other, "view other (1)"),
        (other, "webanno.custom.RoleLink (2)"),
    ];
    assert_eq!(notes(&reading), expected);
}

#[test]
fn suggestions_of_a_recommender_are_a_models() {
    let text = xmi(
        r#"<type2:NamedEntity xmi:id="7" sofa="1" begin="0" end="3" value="PER" value_score="0.75" inception_internal_predicted="true"/>"#,
    );
    let read = read_one(Format::CasXmi, &[text]);
    let mention = &read.document.mentions()[0];
    let origin = Origin::Model {
        name: "".into(),
        score: 0.75,
    };
    assert_eq!(
        (&mention.origin, mention.state),
        (&origin, State::Suggested)
    );
    assert!(mention.attributes.is_empty());
}

#[test]
fn faults_of_structures_name_them_and_leave_the_rest() {
    let text = xmi(
        r#"<type2:NamedEntity xmi:id="7" sofa="1" begin="0" end="3" value="PER"/>
<type2:NamedEntity xmi:id="8" sofa="1" begin="0" end="99" value="PER"/>
<type2:NamedEntity xmi:id="9" sofa="1" begin="0" value="PER"/>
<type2:NamedEntity xmi:id="10" sofa="1" begin="-1" end="3" value="PER"/>
<type2:NamedEntity xmi:id="11" sofa="1" begin="13" end="14" value="PER"/>
<type2:NamedEntity xmi:id="12" sofa="4" begin="0" end="3" value="PER"/>
<custom:Relation xmi:id="13" sofa="1" begin="0" end="3" Governor="7" Dependent="99" value="knows"/>
<custom:Relation xmi:id="14" sofa="1" begin="0" end="3" Governor="7" value="knows"/>"#,
    );
    let reading = read_text(Format::CasXmi, &[text]);
    assert_eq!(mentions(&reading.documents[0]), [("PER", "Ada")]);
    let expected = [
        "t, line 14: xmi:id 12 (NamedEntity) is of the sofa 4, which is not there",
        "t, line 10: xmi:id 8 (NamedEntity): UTF-16 position 99 is out of range in a text of length 23",
        "t, line 11: xmi:id 9 (NamedEntity) has nothing as `end`: expected an offset",
        "t, line 12: xmi:id 10 (NamedEntity) has -1 as `begin`: expected an offset",
        "t, line 13: xmi:id 11 (NamedEntity): UTF-16 position 13 lies inside a character",
        "t, line 15: xmi:id 13 (Relation) names 99, which is not there",
        "t, line 16: xmi:id 14 (Relation) has no `Dependent`",
    ];
    assert_eq!(refused(&reading), expected);
}

#[test]
fn a_file_without_a_text_is_refused() {
    let around = |inner: &str| {
        format!(
            "<xmi:XMI xmlns:xmi=\"http://www.omg.org/XMI\" xmlns:cas=\"http:///uima/cas.ecore\">\n{inner}"
        )
    };
    let cases = [
        (
            around("</xmi:XMI>"),
            "t, line 1: there is no uima.cas.Sofa, which holds the text",
        ),
        (
            around("<cas:Sofa xmi:id='1' sofaURI='file:/a.txt'/></xmi:XMI>"),
            "t, line 2: xmi:id 1 (Sofa) has no `sofaString`, and text from elsewhere (`sofaURI` file:/a.txt) is not read",
        ),
        (
            around("<cas:Sofa xmi:id='1'/>"),
            "t, line 2: the XML ends before <XMI> is closed",
        ),
        (
            "<html/>".to_owned(),
            "t, line 1: the XML is <html>, not <xmi:XMI>",
        ),
        (
            around("<cas:Sofa sofaString='&nbsp;'/></xmi:XMI>"),
            "t, line 2: malformed XML: at 1..5: unrecognized entity `nbsp`",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(&read_text(Format::CasXmi, &[text])), [expected]);
    }
}

#[test]
fn text_may_be_an_element_and_line_ends_in_attributes_are_character_references() {
    let sofa = |sofa: &str| {
        format!(
            "<xmi:XMI xmlns:xmi='http://www.omg.org/XMI' xmlns:cas='http:///uima/cas.ecore'>{sofa}</xmi:XMI>"
        )
    };
    let cases = [
        (
            r#"<cas:Sofa xmi:id="1" sofaString="a&#13;&#10;b&#9;&lt;&#x1F44D;"/>"#,
            "a\r\nb\t<👍",
        ),
        ("<cas:Sofa xmi:id='1' sofaString='a\r\nb\tc'/>", "a b c"),
        (
            "<cas:Sofa xmi:id='1'><sofaString>a&amp;<![CDATA[<b>]]>&#10;c</sofaString></cas:Sofa>",
            "a&<b>\nc",
        ),
    ];
    for (text, expected) in cases {
        let read = read_one(Format::CasXmi, &[sofa(text)]);
        assert_eq!(&**read.document.text(), expected);
    }
}

#[test]
fn json_is_read_with_references_flags_arrays_and_lines() {
    let text = cas_json(
        r#",
{"%ID": 2, "%TYPE": "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData", "%FLAGS": ["DocumentAnnotation"], "@sofa": 1, "begin": 0, "end": 23, "documentId": "letter"},
{"%ID": 3, "%TYPE": "uima.cas.StringArray", "%ELEMENTS": ["x", null]},
{"%ID": 4, "%TYPE": "webanno.custom.Drug", "@sofa": 1, "^begin": 0, "^end": 3, "value": "opioid", "@tags": 3, "dose": 2, "list": [1], "@of": 5, "@none": null},
{"%ID": 5, "%TYPE": "webanno.custom.Drug", "@sofa": 1, "begin": 12, "end": 14},
{"%ID": 6, "%TYPE": "webanno.custom.Relation", "@sofa": 1, "begin": 12, "end": 14, "@Governor": 4, "@Dependent": 5, "value": "knows"},
{"%ID": 7, "%TYPE": "webanno.custom.Drug", "@sofa": 1, "begin": 12, "end": 14.5}"#,
    );
    let reading = read_text(Format::CasJson, &[text]);
    let read = &reading.documents[0];
    assert_eq!(read.id, "letter");
    assert_eq!(mentions(read), [("opioid", "Ada"), ("Drug", "👍")]);
    assert_eq!(links(read), ["knows(Ada, 👍)"]);
    let attributes = json!(read.document.mentions()[0].attributes);
    let expected =
        json!({"tags": ["x", null], "dose": 2, "list": [1], "layer": "webanno.custom.Drug"});
    assert_eq!(attributes, expected);
    assert_eq!(
        notes(&reading),
        [(Note::OtherAnnotation, "webanno.custom.Drug:of (1)")]
    );
    let expected = "t, line 8: %ID 7 (Drug) has 14.5 as `end`: expected an offset";
    assert_eq!(refused(&reading), [expected]);
}

#[test]
fn json_may_hold_structures_under_their_identifiers() {
    let text = r#"{"%TYPES": {}, "%VIEWS": {"_InitialView": {"%SOFA": 1, "%MEMBERS": [2]}}, "%FEATURE_STRUCTURES": {
        "1": {"%TYPE": "uima.cas.Sofa", "sofaID": "_InitialView", "sofaString": "Ada"},
        "2": {"%TYPE": "a.B", "@sofa": 1, "begin": 0, "end": 3}}}"#;
    assert_eq!(
        mentions(&read_one(Format::CasJson, &[text])),
        [("B", "Ada")]
    );
}

#[test]
fn faults_of_json_name_line_and_field() {
    let cases = [
        (
            cas_json(",\n{\"%ID\": 2, \"begin\": 0}"),
            "t, line 3: missing field `%TYPE` in %FEATURE_STRUCTURES[1] at column 22; the keys there are `%ID`, `begin`",
        ),
        (
            cas_json(",\n{\"%ID\": 2,"),
            "t, line 4: is not JSON: key must be a string in %FEATURE_STRUCTURES at column 1",
        ),
        (
            cas_json(",\n7"),
            "t, line 3: invalid type: integer `7`, expected an object in %FEATURE_STRUCTURES[1] at column 1",
        ),
        (
            "{\"%TYPES\": {}}".to_owned(),
            "t, line 1: missing field `%FEATURE_STRUCTURES` at column 14; the keys there are `%TYPES`",
        ),
        (
            "{\"%FEATURE_STRUCTURES\": 7}".to_owned(),
            "t, line 1: expected a JSON array at column 1",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(&read_text(Format::CasJson, &[text])), [expected]);
    }
}

#[test]
fn a_relation_of_a_relation_is_noted_as_such() {
    let text = cas_json(
        r#",{"%ID": 2, "%TYPE": "a.B", "@sofa": 1, "begin": 0, "end": 3}, {"%ID": 3, "%TYPE": "a.B", "@sofa": 1, "begin": 8, "end": 11},
        {"%ID": 4, "%TYPE": "a.R", "@sofa": 1, "begin": 8, "end": 11, "@Governor": 2, "@Dependent": 3},
        {"%ID": 5, "%TYPE": "a.R", "@sofa": 1, "begin": 8, "end": 11, "@Governor": 2, "@Dependent": 4}"#,
    );
    let expected = (Note::OtherAnnotation, "%ID 5 (R), a relation of a relation");
    assert_eq!(notes(&read_text(Format::CasJson, &[text])), [expected]);
}

#[test]
fn both_are_told_by_their_beginnings() {
    let read = read_one(Format::CasXmi, &[xmi("")]);
    for format in BOTH {
        let (files, _) = written(format, &read);
        assert_eq!(Format::detect(files[0].as_bytes()), Ok(format));
    }
    assert_eq!(Format::detect(xmi("").as_bytes()), Ok(Format::CasXmi));
    assert_eq!(Format::detect(cas_json("").as_bytes()), Ok(Format::CasJson));
}

#[test]
fn characters_that_xml_cannot_hold_become_spaces_and_are_noted() {
    let text = cas_json(
        r#",{"%ID": 2, "%TYPE": "a.B", "@sofa": 1, "begin": 0, "end": 3, "value": "a\u0007b"}"#,
    )
    .replace("met", "\\u0000\\u000b\\uffff");
    let read = read_one(Format::CasJson, &[text]);
    let (files, notes) = written(Format::CasXmi, &read);
    let again = read_one(Format::CasXmi, &files);
    assert_eq!(&**again.document.text(), "Ada     Bob 👍 in York.");
    assert_eq!(mentions(&again), [("a b", "Ada")]);
    let notes: Vec<_> = notes
        .iter()
        .map(|noted| (noted.note, &*noted.subject))
        .collect();
    let changed = "4 characters that XML cannot hold, first \\u{7}";
    assert_eq!(
        notes,
        [
            (Note::Attribute, "a\u{7}b \"Ada\" (code points 0..3): layer"),
            (Note::TextChanged, changed),
        ]
    );
    let (files, _) = written(Format::CasJson, &read);
    assert_eq!(
        read_one(Format::CasJson, &files).document.text(),
        read.document.text()
    );
}

#[test]
fn the_type_system_has_every_type_and_feature_of_xmi() {
    let types = type_system();
    for name in [
        "<name>de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity</name>",
        "<name>webanno.custom.Relation</name>",
        "<name>Governor</name><rangeTypeName>de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity<",
        "<name>score</name><rangeTypeName>uima.cas.Float<",
    ] {
        assert!(types.contains(name), "{name}");
    }
}
