/// What became of one request.
enum ExportAnswer: Sendable, Equatable {
    /// The receiver has answered with that status, and perhaps said when to come again.
    case status(Int, retryAfter: Duration?)
    /// No answer came: there is no connection, or it broke, or took too long.
    case none(reason: String)
}
