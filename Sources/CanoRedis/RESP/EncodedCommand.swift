import NIOCore

/// A command ready for the wire: an optional shared prefix and the arguments after it.
///
/// Both parts are encoded already; what is left to the moment of writing is the argument count in front.
struct EncodedCommand: Sendable {
    /// Arguments that many commands share, such as `EVALSHA <sha1>`.
    var prefix: ByteBuffer?
    var arguments: ByteBuffer
    var argumentCount: Int

    init(_ command: RESPCommand) {
        prefix = nil
        arguments = command.arguments
        argumentCount = command.argumentCount
    }

    init(prefix: ByteBuffer, prefixCount: Int, _ command: RESPCommand) {
        self.prefix = prefix
        arguments = command.arguments
        argumentCount = prefixCount + command.argumentCount
    }

    /// The bytes on the wire.
    var byteCount: Int {
        UInt64(argumentCount).decimalDigitCount + 3 + (prefix?.readableBytes ?? 0) + arguments.readableBytes
    }

    func write(to buffer: inout ByteBuffer) {
        buffer.writeArrayHeader(argumentCount)
        if let prefix { buffer.writeImmutableBuffer(prefix) }
        buffer.writeImmutableBuffer(arguments)
    }
}
