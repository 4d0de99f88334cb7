// What clients of the Images API are given, as plain objects: the events of a stream.
import type { ErrorBody } from '../../index.js';

interface ImagesMembers {
  b64_json: string;
  created_at: number;
  /** As the upstream declared it, else `auto`; so are the next two. */
  size: string;
  quality: string;
  background: string;
  output_format: string;
}

/** A preview. */
export interface ImagesPartialEvent extends ImagesMembers {
  type: 'image_generation.partial_image' | 'image_edit.partial_image';
  partial_image_index: number;
}

/** What the images took, as the upstream counted. */
export interface ImagesUsage {
  total_tokens: number;
  input_tokens?: number;
  output_tokens?: number;
  input_tokens_details?: Record<string, unknown>;
  output_tokens_details?: Record<string, unknown>;
}

/** A finished image. */
export interface ImagesCompletedEvent extends ImagesMembers {
  type: 'image_generation.completed' | 'image_edit.completed';
  /** The prompt as the model rewrote it. OpenAI's own events do not have it. */
  revised_prompt?: string;
  /** Of the last image, where the upstream counted. */
  usage?: ImagesUsage;
}

/** The failure that may end a stream. */
export interface ImagesErrorEvent {
  type: 'error';
  error: ErrorBody;
}

/** An event of a stream of the Images API. */
export type ImagesEvent = ImagesPartialEvent | ImagesCompletedEvent | ImagesErrorEvent;
