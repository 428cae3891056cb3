import NIOCore

/// A Lua script and the name the server caches it under.
///
/// Both ways of calling it are encoded once here, so that a call adds only its keys and arguments.
public struct RedisScript: Sendable {
    /// A name for logs and errors; the server never sees it.
    public let name: String

    /// The script's text.
    public let source: [UInt8]

    /// The SHA-1 of the source in lower-case hex, the server's name for it.
    public let sha1: String

    /// `EVALSHA <sha1>` and `EVAL <source>` as arguments.
    let cachedPrefix: ByteBuffer
    let sourcePrefix: ByteBuffer

    /// Creates a script.
    ///
    /// - Parameters:
    ///   - name: A name for logs and errors.
    ///   - source: The Lua text, a `#!lua` header included if it has one.
    public init(name: String, source: [UInt8]) {
        self.name = name
        self.source = source
        let sha1 = SHA1.hexDigest(of: source)
        self.sha1 = sha1
        cachedPrefix = RESPCommand("EVALSHA", sha1).arguments
        var whole = RESPCommand("EVAL", capacityHint: source.count)
        whole.append(bytes: source)
        sourcePrefix = whole.arguments
    }
}
