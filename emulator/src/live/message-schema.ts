/** @module The messages of Live clients, as entries of the message table (fact sheet upstream 9). */

import type { MessageTable } from "../json/field-type.ts";

/** Joined to the table of the native surface. */
export const LIVE_MESSAGES: MessageTable = {
  BidiGenerateContentClientMessage: {
    setup: "BidiGenerateContentSetup",
    client_content: "BidiGenerateContentClientContent",
    realtime_input: "BidiGenerateContentRealtimeInput",
    tool_response: "BidiGenerateContentToolResponse",
  },
  BidiGenerateContentSetup: {
    model: "string",
    generation_config: "GenerationConfig",
    system_instruction: "Content",
    tools: { list: "Tool" },
    safety_settings: { list: "SafetySetting" },
    realtime_input_config: "RealtimeInputConfig",
    session_resumption: "SessionResumptionConfig",
    context_window_compression: "any",
    input_audio_transcription: "any",
    output_audio_transcription: "any",
    proactivity: "any",
    history_config: "any",
    avatar_config: "any",
    explicit_vad_signal: "boolean",
    labels: { map: "string" },
  },
  RealtimeInputConfig: {
    automatic_activity_detection: "AutomaticActivityDetection",
    activity_handling: "string",
    turn_coverage: "string",
  },
  AutomaticActivityDetection: {
    disabled: "boolean",
    start_of_speech_sensitivity: "string",
    end_of_speech_sensitivity: "string",
    prefix_padding_ms: "integer",
    silence_duration_ms: "integer",
  },
  SessionResumptionConfig: { handle: "string", transparent: "boolean" },
  BidiGenerateContentClientContent: { turns: { list: "Content" }, turn_complete: "boolean" },
  BidiGenerateContentRealtimeInput: {
    media_chunks: { list: "Blob" },
    audio: "Blob",
    video: "Blob",
    text: "string",
    activity_start: "any",
    activity_end: "any",
    audio_stream_end: "boolean",
  },
  BidiGenerateContentToolResponse: { function_responses: { list: "FunctionResponse" } },
  BidiGenerateMusicClientMessage: {
    setup: "BidiGenerateMusicSetup",
    client_content: "BidiGenerateMusicClientContent",
    music_generation_config: "any",
    playback_control: {
      values: ["PLAYBACK_CONTROL_UNSPECIFIED", "PLAY", "PAUSE", "STOP", "RESET_CONTEXT"],
      name: "BidiGenerateMusicPlaybackControl",
    },
  },
  BidiGenerateMusicSetup: { model: "string" },
  BidiGenerateMusicClientContent: { weighted_prompts: { list: "WeightedPrompt" } },
  WeightedPrompt: { text: "string", weight: "number" },
  CreateAuthTokenRequest: {
    name: "string",
    uses: "integer",
    expire_time: "string",
    new_session_expire_time: "string",
    bidi_generate_content_setup: "BidiGenerateContentSetup",
    field_mask: "string",
  },
};
