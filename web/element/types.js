// The types of what goes into the element and comes out of it.

/**
 * @typedef {"person" | "model"} Origin Who made an annotation.
 * @typedef {"suggested" | "accepted" | "rejected"} State What a person decided about an annotation.
 *
 * @typedef {object} Entity
 * @property {string} id Identity; lasts as long as the document.
 * @property {string} type Name of the entity type.
 * @property {number} start First UTF-16 code unit inside.
 * @property {number} end First UTF-16 code unit after it.
 * @property {[number, number][]} [spans] The pieces of a discontinuous one.
 * @property {Record<string, unknown>} [attributes] What a file says of it beyond the rest.
 * @property {number} [score] The model's score, 0 to 1.
 * @property {Origin} origin
 * @property {State} state
 * @property {string} [model] Name of the model that made it.
 *
 * @typedef {object} Relation
 * @property {string} id Identity; lasts as long as the document.
 * @property {string} type Name of the relation type.
 * @property {string} head Identity of the entity that it starts from.
 * @property {string} tail Identity of the entity that it leads to.
 * @property {Record<string, unknown>} [attributes] What a file says of it beyond the rest.
 * @property {number} [score] The model's score, 0 to 1.
 * @property {Origin} origin
 * @property {State} state
 * @property {string} [model] Name of the model that made it.
 *
 * @typedef {object} Annotations
 * @property {string} text
 * @property {Entity[]} entities In text order.
 * @property {Relation[]} relations
 * @property {Record<string, unknown>} [notes] What a file says of the whole.
 *
 * @typedef {object} GivenAnnotations Annotations to set. What is left out: an identity is made, what has a score is a model's, all
 *   else a person's, a person's are accepted, a model's are suggested.
 * @property {string} text
 * @property {"utf16" | "char" | "byte"} [offsets] What `start`, `end` and `spans` count: UTF-16 code units unless given, code
 *   points, or bytes of UTF-8.
 * @property {(Pick<Entity, "type" | "start" | "end"> & Partial<Given<Entity>>)[]} [entities]
 * @property {(Pick<Relation, "type"> & {head: string | number, tail: string | number} & Partial<Given<Omit<Relation, "head" | "tail">>>)[]} [relations]
 * @property {Record<string, unknown>} [notes]
 *
 * @typedef {object} EntityType
 * @property {string} name The name in annotations.
 * @property {string} [title] The name on screen.
 * @property {string} [color] `#rrggbb`
 * @property {string} [key] A letter or digit: with Alt, or alone when read only, it labels the selected text.
 *
 * @typedef {object} RelationType
 * @property {string} name The name in annotations.
 * @property {string} [title] The name on screen.
 * @property {string} [color] `#rrggbb`
 * @property {string} [key] For the host's own use.
 * @property {string[]} [head] Entity types that its head may have; any when absent.
 * @property {string[]} [tail] Entity types that its tail may have; any when absent.
 *
 * @typedef {object} Schema
 * @property {EntityType[]} [entityTypes] Where there are any, a model's entities of other types are left out.
 * @property {RelationType[]} [relationTypes] Likewise.
 * @property {{entityTypes?: Record<string, string | null>, relationTypes?: Record<string, string | null>}} [mapping]
 *   Names by the model's names; `null` leaves a type out.
 *
 * @typedef {Annotations & {complete: boolean}} AnnotationsDetail What the model says; `complete` when it has read all of the text.
 * @typedef {{entities: Entity[], relations: Relation[]}} ChangedAnnotations
 * @typedef {object} ChangeDetail
 * @property {"edit" | "command" | "undo" | "redo"} action What the person did: edited the text, changed annotations, went back or forth.
 * @property {ChangedAnnotations} created
 * @property {ChangedAnnotations} updated
 * @property {ChangedAnnotations} deleted As they were.
 * @typedef {{start: number, removed: number, inserted: string}} InputDetail The edit, in UTF-16 code units.
 * @typedef {{start: number, end: number, entities: string[], relations: string[]}} SelectDetail What is selected, in UTF-16
 *   code units, and the identities of the annotations there.
 * @typedef {{received: number, total?: number}} ProgressDetail Bytes of the model.
 * @typedef {{stage: string, message: string}} ErrorDetail
 * @typedef {object} ReadyDetail The model.
 * @property {string} name
 * @property {number} bytes
 * @property {{name: string, color: string}[]} entityTypes
 * @property {{name: string, color: string}[]} relationTypes
 * @property {number} relationThreshold
 */

/**
 * @template T
 * @typedef {Omit<T, "id"> & {id: string | number}} Given An annotation with an identity of the host's.
 */

export {};
