extension RedisError {
    /// Whether the server says that a stream is not there, or that it has no such group. What asks about streams and their groups treats both as
    /// nothing.
    public var saysNoStream: Bool {
        guard let error = serverError else { return false }
        return error.code == "NOGROUP" || error.message == "ERR no such key"
    }
}
