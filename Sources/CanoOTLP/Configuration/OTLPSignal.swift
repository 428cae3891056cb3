/// What is exported. Each signal has a path and variables of its own.
enum OTLPSignal: String, Sendable {
    case traces
    case metrics

    /// How its variables name it.
    var variable: String { rawValue.uppercased() }
}
