/// One call of a script: its keys, then arguments in the order the script reads `ARGV`.
///
/// The same call can be sent any number of times; sending costs a copy of its bytes.
public struct RedisScriptCall: Sendable {
    /// What is called.
    public let script: RedisScript

    /// The key count, the keys and `ARGV`.
    private var arguments: RESPCommand

    /// Starts a call.
    ///
    /// - Parameters:
    ///   - script: The script to call.
    ///   - keys: Every key the script touches, in the order it reads `KEYS`.
    ///   - capacityHint: The bytes that `ARGV` will take, about.
    public init(_ script: RedisScript, keys: [String], capacityHint: Int = 256) {
        self.script = script
        arguments = RESPCommand(capacityHint: keys.reduce(capacityHint) { $0 + $1.utf8.count + 9 })
        arguments.append(keys.count)
        for key in keys { arguments.append(key) }
    }

    /// Appends text as UTF-8.
    ///
    /// - Parameter text: The next element of `ARGV`.
    public mutating func append(_ text: String) { arguments.append(text) }

    /// Appends text known at compile time.
    ///
    /// - Parameter text: The next element of `ARGV`.
    public mutating func append(_ text: StaticString) { arguments.append(text) }

    /// Appends a number in decimal.
    ///
    /// - Parameter number: The next element of `ARGV`.
    public mutating func append(_ number: Int) { arguments.append(number) }

    /// Appends a number in decimal.
    ///
    /// - Parameter number: The next element of `ARGV`.
    public mutating func append(_ number: Int64) { arguments.append(number) }

    /// Appends bytes.
    ///
    /// - Parameter bytes: The next element of `ARGV`, sent untouched.
    public mutating func append(bytes: some Collection<UInt8>) { arguments.append(bytes: bytes) }

    /// `EVALSHA`: how the script is called once its hash is known; nil before.
    var byHash: EncodedCommand? {
        script.forms.byHash.map { EncodedCommand(prefix: $0, prefixCount: 2, arguments) }
    }

    /// `EVAL`: how the script is called at first, and when the server has lost it. The server caches it again.
    var bySource: EncodedCommand { EncodedCommand(prefix: script.forms.bySource, prefixCount: 2, arguments) }

    /// Stands in for a call that is elsewhere for a moment.
    static let none = RedisScriptCall(RedisScript(name: "none", source: []), keys: [], capacityHint: 0)
}
