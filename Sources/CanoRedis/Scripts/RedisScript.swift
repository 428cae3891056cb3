import NIOCore

/// A Lua script, called with ``RedisClient/evaluate(_:)-(RedisScriptCall)``.
///
/// Copies share what is learned about the script: make one value for each script and keep it, as a static constant for example.
public struct RedisScript: Sendable {
    /// A name for logs and errors; the server never sees it.
    public let name: String

    /// How the script is sent.
    let forms: ScriptForms

    /// Creates a script.
    ///
    /// - Parameters:
    ///   - name: A name for logs and errors.
    ///   - source: The Lua text, a `#!lua` header included if it has one.
    public init(name: String, source: [UInt8]) {
        self.name = name
        forms = ScriptForms(source: source)
    }

    /// The script's text.
    public var source: [UInt8] { forms.source }
}
