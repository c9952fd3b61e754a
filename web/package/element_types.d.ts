// Types of what JSDoc cannot say: the events that the element dispatches, and the name under which documents know it.

import type { SpanarcAnnotator } from "./annotator_element.js";
import type {
  AnnotationsDetail,
  ChangeDetail,
  ErrorDetail,
  InputDetail,
  ProgressDetail,
  ReadyDetail,
  SelectDetail,
} from "./types.js";

export { SpanarcAnnotator, configure } from "./annotator_element.js";
export type * from "./documents.js";
export type * from "./types.js";

interface OwnEvents {
  annotations: CustomEvent<AnnotationsDetail>;
  change: CustomEvent<ChangeDetail>;
  input: CustomEvent<InputDetail>;
  select: CustomEvent<SelectDetail>;
  ready: CustomEvent<ReadyDetail>;
  progress: CustomEvent<ProgressDetail>;
  error: CustomEvent<ErrorDetail>;
}

/** The events of `<spanarc-annotator>` by name. */
export interface SpanarcAnnotatorEventMap extends Omit<HTMLElementEventMap, keyof OwnEvents>, OwnEvents {}

declare module "./annotator_element.js" {
  interface SpanarcAnnotator {
    addEventListener<K extends keyof SpanarcAnnotatorEventMap>(
      name: K,
      listener: (this: SpanarcAnnotator, event: SpanarcAnnotatorEventMap[K]) => void,
      options?: boolean | AddEventListenerOptions,
    ): void;
    removeEventListener<K extends keyof SpanarcAnnotatorEventMap>(
      name: K,
      listener: (this: SpanarcAnnotator, event: SpanarcAnnotatorEventMap[K]) => void,
      options?: boolean | EventListenerOptions,
    ): void;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "spanarc-annotator": SpanarcAnnotator;
  }
}
