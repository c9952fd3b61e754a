//! UIMA CAS XMI: feature structures as elements, named by type, with features as attributes; the items of an array of
//! strings are elements in them.

use quick_xml::{
    NsReader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
    name::{Namespace, ResolveResult},
};
use serde_json::Value;

use super::{
    model::{Cas, Feature, FeatureStructure},
    problem::CasProblem,
    types::{SOFA, TYPES, Type},
};
use crate::{note::Note, writing::Notes};

/// Each package of types is a namespace; the largest type systems have a few hundred.
const NAMESPACES: usize = 4096;

/// The structures of a file. An error comes with the line, from 1.
pub(super) fn parse(text: &str) -> Result<Cas, (usize, CasProblem)> {
    let mut reader = NsReader::from_str(text);
    reader.resolver_mut().set_max_namespace_bindings(NAMESPACES);
    let mut lines = LineCount {
        text,
        position: 0,
        line: 1,
    };
    let mut parser = Parser {
        cas: Cas {
            id_name: "xmi:id",
            ..Cas::default()
        },
        version: XmlVersion::Implicit1_0,
        open: Vec::new(),
        structure: FeatureStructure::default(),
        content: String::new(),
    };
    loop {
        let line = lines.at(reader.buffer_position());
        let (namespace, event) = match reader.read_resolved_event() {
            Ok((ResolveResult::Bound(Namespace(namespace)), event)) => (namespace, event),
            Ok((_, event)) => ("", event),
            Err(error) => return Err((lines.at(reader.error_position()), xml(error))),
        };
        let done = matches!(event, Event::Eof);
        parser
            .take(namespace, event, line)
            .map_err(|problem| (line, problem))?;
        if done {
            return Ok(parser.cas);
        }
    }
}

fn xml(error: impl ToString) -> CasProblem {
    CasProblem::Xml {
        message: error.to_string(),
    }
}

/// Lines of positions that come in order.
struct LineCount<'a> {
    text: &'a str,
    position: usize,
    line: usize,
}

impl LineCount<'_> {
    fn at(&mut self, position: u64) -> usize {
        let position = usize::try_from(position).map_or(self.position, |position| {
            position.clamp(self.position, self.text.len())
        });
        let passed = &self.text.as_bytes()[self.position..position];
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count();
        self.position = position;
        self.line
    }
}

struct Parser {
    cas: Cas,
    version: XmlVersion,
    /// Names of the open elements: the root, a structure, a feature.
    open: Vec<String>,
    structure: FeatureStructure,
    /// Text of the feature.
    content: String,
}

impl Parser {
    fn take(&mut self, namespace: &str, event: Event<'_>, line: usize) -> Result<(), CasProblem> {
        match event {
            Event::Decl(declaration) => {
                self.version = declaration.xml_version().map_err(xml)?;
            }
            Event::Start(element) => self.start(namespace, &element, line)?,
            Event::Empty(element) => {
                self.start(namespace, &element, line)?;
                self.end();
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.append(&text.xml_content(self.version)),
            Event::CData(text) => self.append(&text.xml_content(self.version)),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().map_err(xml)? {
                Some(character) => self.append(character.encode_utf8(&mut [0; 4])),
                None => {
                    let resolved = resolve_predefined_entity(&reference);
                    let unknown = || xml(format!("unknown entity `{}`", &*reference));
                    self.append(resolved.ok_or_else(unknown)?);
                }
            },
            Event::Eof => {
                if let Some(element) = self.open.pop() {
                    return Err(CasProblem::CutOff { element });
                }
            }
            Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
        }
        Ok(())
    }

    fn append(&mut self, text: &str) {
        if self.open.len() == 3 {
            self.content.push_str(text);
        }
    }

    fn start(
        &mut self,
        namespace: &str,
        element: &BytesStart<'_>,
        line: usize,
    ) -> Result<(), CasProblem> {
        let name = element.local_name().as_ref().to_owned();
        match self.open.len() {
            0 if name != "XMI" => return Err(CasProblem::NotXmi { element: name }),
            1 => self.structure = self.structure(namespace, &name, element, line)?,
            2 => self.content.clear(),
            _ => {}
        }
        self.open.push(name);
        Ok(())
    }

    fn structure(
        &self,
        namespace: &str,
        name: &str,
        element: &BytesStart<'_>,
        line: usize,
    ) -> Result<FeatureStructure, CasProblem> {
        let mut structure = FeatureStructure {
            kind: type_name(namespace, name),
            line,
            ..FeatureStructure::default()
        };
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute.map_err(xml)?;
            let value = attribute.normalized_value(self.version).map_err(xml)?;
            match attribute.key.decompose() {
                (name, None) if name.as_ref() != "xmlns" => {
                    let feature = Feature::from(&*value);
                    structure.features.push((name.as_ref().to_owned(), feature));
                }
                (name, Some(prefix)) if name.as_ref() == "id" && prefix.as_ref() != "xmlns" => {
                    structure.id = value.into_owned();
                }
                _ => {}
            }
        }
        Ok(structure)
    }

    fn end(&mut self) {
        let Some(name) = self.open.pop() else {
            return;
        };
        match self.open.len() {
            1 => self.finish_structure(),
            2 => {
                let item = Value::from(std::mem::take(&mut self.content));
                let features = &mut self.structure.features;
                // Items of one array follow each other.
                match features.last_mut() {
                    Some((last, Feature::Value(Value::Array(items)))) if *last == name => {
                        items.push(item);
                    }
                    _ => features.push((name, Feature::Value(Value::Array(vec![item])))),
                }
            }
            _ => {}
        }
    }

    fn finish_structure(&mut self) {
        let structure = std::mem::take(&mut self.structure);
        match structure.kind.as_str() {
            "uima.cas.NULL" => {}
            "uima.cas.View" => {
                let members = structure.text("members").unwrap_or_default();
                let members = members
                    .split_ascii_whitespace()
                    .map(str::to_owned)
                    .collect();
                let sofa = structure.text("sofa").unwrap_or_default();
                self.cas.members.insert(sofa.into_owned(), members);
            }
            _ => self.cas.structures.push(structure),
        }
    }
}

/// The type of an element: `http:///de/example/type.ecore` and `Drug` is `de.example.type.Drug`.
fn type_name(namespace: &str, name: &str) -> String {
    let package = namespace.strip_prefix("http:///").unwrap_or(namespace);
    let package = package.strip_suffix(".ecore").unwrap_or(package);
    match package {
        "" | "uima/noNamespace" => name.to_owned(),
        package => format!("{}.{name}", package.replace('/', ".")),
    }
}

/// The file of a CAS, a structure a line.
pub(super) fn print(cas: &Cas, notes: &mut Notes<'_>) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xmi:XMI xmlns:xmi=\"http://www.omg.org/XMI\" \
         xmlns:cas=\"http:///uima/cas.ecore\"",
    );
    let mut declared = Vec::new();
    for Type { name, prefix, .. } in &TYPES {
        if !declared.contains(prefix) {
            declared.push(*prefix);
            let package = package(name).replace('.', "/");
            xml.push_str(&format!(" xmlns:{prefix}=\"http:///{package}.ecore\""));
        }
    }
    xml.push_str(" xmi:version=\"2.0\">\n<cas:NULL xmi:id=\"0\"/>\n");
    let mut replaced = Replaced::default();
    let (sofas, others): (Vec<_>, Vec<_>) =
        (cas.structures.iter()).partition(|structure| structure.kind == SOFA);
    for structure in others.iter().chain(&sofas) {
        let described = TYPES
            .iter()
            .find(|described| described.name == structure.kind);
        let prefix = described.map_or("cas", |described| described.prefix);
        let name = structure.short_name();
        xml.push_str(&format!("<{prefix}:{name} xmi:id=\"{}\"", structure.id));
        for (feature, value) in &structure.features {
            let value = value.text().unwrap_or_default();
            xml.push_str(&format!(" {feature}=\"{}\"", replaced.escape(&value)));
        }
        xml.push_str("/>\n");
    }
    let members: Vec<&str> = others.iter().map(|member| &*member.id).collect();
    for sofa in sofas {
        let members = members.join(" ");
        xml.push_str(&format!(
            "<cas:View sofa=\"{}\" members=\"{members}\"/>\n",
            sofa.id
        ));
    }
    xml.push_str("</xmi:XMI>\n");
    if let Some(first) = replaced.first {
        let subject = format!(
            "{} characters that XML cannot hold, first {}",
            replaced.count,
            first.escape_unicode()
        );
        notes.add_whole(Note::TextChanged, subject);
    }
    xml
}

fn package(kind: &str) -> &str {
    kind.rsplit_once('.').map_or("", |(package, _)| package)
}

/// Characters that XML cannot hold.
#[derive(Default)]
struct Replaced {
    count: usize,
    first: Option<char>,
}

impl Replaced {
    /// The value of an attribute. A parser takes white space other than spaces for spaces, unless it is a character
    /// reference.
    fn escape(&mut self, text: &str) -> String {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\t' | '\n' | '\r' => {
                    escaped.push_str(&format!("&#{};", u32::from(character)));
                }
                // XML 1.1 would take these two for line ends.
                '\u{85}' | '\u{2028}' => {
                    escaped.push_str(&format!("&#{};", u32::from(character)));
                }
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                    self.count += 1;
                    self.first.get_or_insert(character);
                    escaped.push(' ');
                }
                _ => escaped.push(character),
            }
        }
        escaped
    }
}
