/** @module The messages of Code Assist: an envelope around a request in Vertex's manner (fact sheet upstream 7.2, 7.3). */

import type { MessageTable } from "../json/field-type.ts";

/** Joined to the table of the native surface, whose `Content`, `Part` and `Schema` these are too. */
export const CODE_ASSIST_MESSAGES: MessageTable = {
  CodeAssistGenerateRequest: {
    model: "string",
    project: "string",
    user_prompt_id: "string",
    request: "VertexGenerateContentRequest",
    enabled_credit_types: { list: "string" },
  },
  VertexGenerateContentRequest: {
    contents: { list: "Content" },
    system_instruction: "Content",
    cached_content: "string",
    tools: { list: "VertexTool" },
    tool_config: "ToolConfig",
    labels: { map: "string" },
    safety_settings: { list: "SafetySetting" },
    generation_config: "VertexGenerationConfig",
    session_id: "string",
    // Not known of Code Assist; long decode would need it (fact sheet upstream 1.10).
    continuation_token: "string",
  },
  VertexTool: {
    function_declarations: { list: "VertexFunctionDeclaration" },
    google_search: "GoogleSearch",
    google_search_retrieval: "any",
    url_context: "Nothing",
    code_execution: "Nothing",
  },
  // No `parameters_json_schema` (fact sheet translation 4.1).
  VertexFunctionDeclaration: { name: "string", description: "string", parameters: "Schema", response: "Schema" },
  VertexGenerationConfig: {
    temperature: "number",
    top_p: "number",
    top_k: "number",
    candidate_count: "integer",
    max_output_tokens: "integer",
    stop_sequences: { list: "string" },
    response_logprobs: "boolean",
    logprobs: "integer",
    presence_penalty: "number",
    frequency_penalty: "number",
    seed: "integer",
    response_mime_type: "string",
    response_json_schema: "any",
    response_schema: "Schema",
    routing_config: "any",
    model_selection_config: "any",
    response_modalities: { list: "string" },
    media_resolution: "string",
    speech_config: "any",
    audio_timestamp: "boolean",
    thinking_config: "ThinkingConfig",
  },
  CodeAssistCountTokensRequest: { request: "VertexCountTokensRequest" },
  VertexCountTokensRequest: { model: "string", contents: { list: "Content" } },
  ClientMetadata: {
    ide_type: "string",
    ide_version: "string",
    ide_name: "string",
    platform: "string",
    plugin_type: "string",
    plugin_version: "string",
    update_channel: "string",
    duet_project: "string",
  },
  LoadCodeAssistRequest: {
    cloudaicompanion_project: "string",
    metadata: "ClientMetadata",
    mode: {
      values: ["MODE_UNSPECIFIED", "FULL_ELIGIBILITY_CHECK", "HEALTH_CHECK"],
      name: "LoadCodeAssistRequest.Mode",
    },
  },
  OnboardUserRequest: { tier_id: "string", cloudaicompanion_project: "string", metadata: "ClientMetadata" },
  FetchAdminControlsRequest: { project: "string" },
  RetrieveUserQuotaRequest: { project: "string", user_agent: "string" },
  ListExperimentsRequest: { project: "string", metadata: "ClientMetadata" },
  RecordCodeAssistMetricsRequest: {
    project: "string",
    request_id: "string",
    metadata: "ClientMetadata",
    metrics: { list: "CodeAssistMetric" },
  },
  CodeAssistMetric: { timestamp: "string", conversation_offered: "any", conversation_interaction: "any" },
  SetCodeAssistGlobalUserSettingRequest: {
    cloudaicompanion_project: "string",
    free_tier_data_collection_optin: "boolean",
  },
};
