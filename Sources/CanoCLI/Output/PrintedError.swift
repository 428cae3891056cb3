import CanoRedis

/// An error as it is printed: with control characters escaped, and with what to do where Redis is not where it is looked for.
struct PrintedError: Error, CustomStringConvertible {
    let description: String

    init(_ error: any Error) {
        let advice = Self.isUnreachable(error) ? " Say where Redis is with --redis or CANO_REDIS." : ""
        description = "\(error)".escapingControlCharacters + advice
    }

    /// Whether no connection could be made, which an error of a call has behind it.
    private static func isUnreachable(_ error: any Error) -> Bool {
        guard let error = error as? RedisError else { return false }
        if case .connectFailed = error.code { return true }
        return error.underlying.map(isUnreachable) ?? false
    }
}
