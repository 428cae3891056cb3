/// What a worker of the queue `payments` is asked for: `{"customer":"Ada","cents":900}`.
struct Payment: Codable, Sendable {
    let customer: String
    let cents: Int
}

/// What the worker answers, and what undoing the payment takes.
struct Receipt: Codable, Sendable {
    let receipt: String
}
