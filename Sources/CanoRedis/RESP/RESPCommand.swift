import NIOCore

/// One command and its arguments, encoded as they are appended.
///
/// Everything lands in one contiguous buffer, so that sending copies bytes and sending again copies them again; no array of strings
/// is ever built. Arguments are bytes: they are length-prefixed on the wire and need no quoting.
public struct RESPCommand: Sendable {
    /// `$<length>\r\n<bytes>\r\n` for each argument, the name first.
    var arguments: ByteBuffer

    /// The number of arguments, the name counted.
    public private(set) var argumentCount: Int

    /// Starts a command.
    ///
    /// - Parameters:
    ///   - name: The command's name, such as `XADD`. A subcommand is an argument of its own.
    ///   - capacityHint: The bytes the arguments will take, about; a good guess saves growing the buffer.
    public init(_ name: String, capacityHint: Int = 0) {
        self.init(capacityHint: capacityHint + name.utf8.count)
        append(name)
    }

    /// Starts a command whose name is known at compile time.
    ///
    /// - Parameters:
    ///   - name: The command's name.
    ///   - capacityHint: The bytes the arguments will take, about.
    public init(_ name: StaticString, capacityHint: Int = 0) {
        self.init(capacityHint: capacityHint + name.utf8CodeUnitCount)
        append(name)
    }

    /// Starts a command with text arguments.
    ///
    /// - Parameters:
    ///   - name: The command's name.
    ///   - arguments: What follows it, in order.
    public init(_ name: String, _ arguments: String...) {
        self.init(capacityHint: arguments.reduce(name.utf8.count) { $0 + $1.utf8.count + Self.framing })
        append(name)
        for argument in arguments { append(argument) }
    }

    /// Starts a list of arguments with no name yet: what follows a prefix that is encoded elsewhere.
    init(capacityHint: Int) {
        arguments = ByteBufferAllocator().buffer(capacity: max(capacityHint + 2 * Self.framing, 64))
        argumentCount = 0
    }

    /// The bytes of `$`, a length of up to four digits and two line ends.
    private static let framing = 9

    /// Appends text as UTF-8.
    ///
    /// - Parameter text: The argument; may be empty and hold anything, zero bytes and line ends included.
    @inlinable
    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { appendArgument(UnsafeRawBufferPointer($0)) }
    }

    /// Appends text known at compile time.
    ///
    /// - Parameter text: The argument.
    public mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { appendArgument(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a number in decimal.
    ///
    /// - Parameter number: The argument.
    public mutating func append(_ number: Int) {
        append(Int64(number))
    }

    /// Appends a number in decimal.
    ///
    /// - Parameter number: The argument.
    public mutating func append(_ number: Int64) {
        argumentCount += 1
        arguments.writeArgument(decimal: number)
    }

    /// Appends bytes.
    ///
    /// - Parameter bytes: The argument, sent untouched.
    @inlinable
    public mutating func append(bytes: some Collection<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { appendArgument(UnsafeRawBufferPointer($0)) }
        if isDone == nil {
            Array(bytes).withUnsafeBytes { appendArgument($0) }
        }
    }

    @usableFromInline
    mutating func appendArgument(_ bytes: UnsafeRawBufferPointer) {
        argumentCount += 1
        arguments.writeArgument(bytes)
    }

    /// The bytes the command takes on the wire.
    public var byteCount: Int { EncodedCommand(self).byteCount }
}
