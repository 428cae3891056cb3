extension TraceContext {
    /// What the contract says of these fields.
    static let definitions: [FieldDefinition] = [
        .optional(.traceparent, .traceparent, "W3C trace context, which every event repeats. A malformed one is ignored."),
        .optional(.tracestate, .shortText(bytes: maximumBytes), "Ignored without a `traceparent`, and when it is longer."),
    ]
}
