// The messages between a page and the worker that holds the model; crates/protocol/src/lib.rs describes the conversation.
// Generated from the Rust types. To generate it again: UPDATE_TYPES=1 cargo test -p spanarc-protocol

/**
 * A message from the page to the worker.
 */
export type Request = { "kind": "load",
/**
 * Address of the bundle. A relative address is resolved against the worker's own script, so a page had better
 * send an absolute one (resolved against its `document.baseURI`).
 */
url?: string,
/**
 * The bundle's bytes.
 */
bytes?: Uint8Array,
/**
 * SHA-256 of the file in hexadecimal. When given, a file with another hash is refused.
 */
sha256?: string,
/**
 * How many secondary workers the page starts if it is asked to. With 0, the worker keeps nothing for them.
 */
secondaries?: number, } | { "kind": "open",
/**
 * Number of the surface, chosen by the page.
 */
surface: number,
/**
 * Number of this state of the text, repeated in the answers.
 */
revision: number,
/**
 * The whole text.
 */
text: string,
/**
 * The part on screen: its sentences are annotated first.
 */
visible?: Span, } | { "kind": "edit",
/**
 * Number of the surface.
 */
surface: number,
/**
 * Number of the new state of the text, repeated in the answers.
 */
revision: number,
/**
 * Where the edit begins, in UTF-16 code units.
 */
start: number,
/**
 * How many UTF-16 code units of the old text go.
 */
removed: number,
/**
 * The text that comes in their place.
 */
inserted: string,
/**
 * The part of the new text on screen; as last said when absent.
 */
visible?: Span, } | { "kind": "foresee",
/**
 * Number of the surface.
 */
surface: number,
/**
 * A number of the page's, repeated in the answer.
 */
revision: number,
/**
 * Where the edit would begin, in UTF-16 code units.
 */
start: number,
/**
 * How many UTF-16 code units of the text would go.
 */
removed: number,
/**
 * The text that would come in their place.
 */
inserted: string, } | { "kind": "look",
/**
 * Number of the surface.
 */
surface: number,
/**
 * The part on screen.
 */
visible: Span, } | { "kind": "close",
/**
 * Number of the surface.
 */
surface: number, } | { "kind": "secondaryStarted",
/**
 * Its number in that reply.
 */
secondary: number, } | { "kind": "secondaryLost",
/**
 * Its number in the reply that asked for it.
 */
secondary: number, } | { "kind": "annotate",
/**
 * Number of the batch, repeated in the answer.
 */
batch: number,
/**
 * The sentences, as a worker has cut them out of its texts.
 */
sentences: Array<string>, };

/**
 * A message from the worker to the page.
 */
export type Reply = { "kind": "started" } | { "kind": "progress",
/**
 * Bytes received so far.
 */
received: number,
/**
 * Bytes in all, when the server says.
 */
total?: number, } | { "kind": "ready",
/**
 * The loaded model.
 */
model: ModelSummary, } | { "kind": "annotations" } & AnnotationsReply | { "kind": "foreseen" } & AnnotationsReply | { "kind": "startSecondary",
/**
 * A number for it.
 */
secondary: number, } | { "kind": "stopSecondary",
/**
 * Its number.
 */
secondary: number, } | { "kind": "batch",
/**
 * Number of the batch.
 */
batch: number,
/**
 * The answer to each sentence of it, in the same order; each starts at 0.
 */
sentences: Array<SentenceAnswer>, } | { "kind": "failed",
/**
 * The step that failed.
 */
stage: Stage,
/**
 * The surface concerned, where it is only one.
 */
surface?: number,
/**
 * A message for people.
 */
message: string, };

/**
 * The step in which something went wrong.
 */
export type Stage = "load" | "edit" | "annotate";

/**
 * A loaded model.
 */
export type ModelSummary = {
/**
 * Name of the model.
 */
name: string,
/**
 * Size of the bundle in bytes.
 */
bytes: number,
/**
 * Entity types; entities refer to them by index.
 */
entityTypes: Array<Label>,
/**
 * Relation types; relations refer to them by index.
 */
relationTypes: Array<Label>,
/**
 * The score from which a relation holds unless the user says otherwise.
 */
relationThreshold: number, };

/**
 * An entity or relation type as shown.
 */
export type Label = {
/**
 * Name as in the label schema.
 */
name: string,
/**
 * Colour as `#rrggbb`.
 */
color: string, };

/**
 * Answers that a surface lacks.
 */
export type AnnotationsReply = {
/**
 * Number of the surface.
 */
surface: number,
/**
 * The state of the text that the offsets refer to.
 */
revision: number,
/**
 * Sentences of the text that have answers, those sent earlier included.
 */
done: number,
/**
 * Sentences of the text; the reply is the last one to this revision when `done == total`.
 */
total: number,
/**
 * The answers, in text order.
 */
sentences: Array<SentenceAnswer>,
/**
 * Milliseconds spent on this revision so far in sentence splitting and inference.
 */
milliseconds: number, };

/**
 * The annotations of one sentence.
 */
export type SentenceAnswer = {
/**
 * First UTF-16 code unit of the sentence in the text. Sentences do not overlap.
 */
start: number,
/**
 * First UTF-16 code unit after it.
 */
end: number,
/**
 * Entities in text order, never overlapping.
 */
entities: Array<FoundEntity>,
/**
 * Relations by head, then tail, then type: all scored 0.05 or more, so that a page can move its threshold without
 * asking.
 */
relations: Array<FoundRelation>, };

/**
 * An entity in a sentence.
 */
export type FoundEntity = {
/**
 * Index into the model's entity types.
 */
entityType: number,
/**
 * First UTF-16 code unit inside, counted from the start of the sentence.
 */
start: number,
/**
 * First UTF-16 code unit after.
 */
end: number,
/**
 * Probability in 0..=1.
 */
score: number, };

/**
 * A directed relation between two entities of the same sentence.
 */
export type FoundRelation = {
/**
 * Index into the model's relation types.
 */
relationType: number,
/**
 * Index into the entities of the sentence.
 */
head: number,
/**
 * Index into the entities of the sentence.
 */
tail: number,
/**
 * Score in 0..=1.
 */
score: number, };

/**
 * A range of UTF-16 code units.
 */
export type Span = {
/**
 * First UTF-16 code unit inside.
 */
start: number,
/**
 * First UTF-16 code unit after.
 */
end: number, };
