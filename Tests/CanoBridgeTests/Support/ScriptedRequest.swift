import NIOCore

@testable import CanoRedis

/// One call of a script or a command, taken apart.
struct ScriptedRequest: Sendable, CustomStringConvertible {
    /// The script's name, or the command's.
    let name: String
    /// A script's keys; none of a command.
    let keys: [String]
    /// What follows: a script's arguments, its lists included, or what a command says behind its name.
    let arguments: [String]

    init(_ command: RESPCommand) {
        let texts = Self.texts(command.arguments)
        name = texts[0]
        keys = []
        arguments = Array(texts.dropFirst())
    }

    init(_ call: RedisScriptCall) {
        // The number of keys, the keys, the arguments.
        let texts = Self.texts(call.bySource.arguments)
        let count = Int(texts[0]) ?? 0
        name = call.script.name
        keys = Array(texts.dropFirst().prefix(count))
        arguments = Array(texts.dropFirst(1 + count))
    }

    var description: String { ([name] + keys + arguments).joined(separator: " ") }

    /// A script's argument by its name.
    func argument<Name: ScriptName>(_ name: Name) -> String {
        Name.allCases.firstIndex(of: name).map { arguments[$0] } ?? ""
    }

    /// One field of each item of a script's first list, behind its arguments.
    func values<Item: ScriptItem, Name: ScriptName>(of field: Item, behind names: Name.Type) -> [String] {
        let list = arguments.dropFirst(Name.allCases.count)
        let place = Item.allCases.firstIndex(of: field) ?? 0
        return (0..<(list.first.flatMap { Int($0) } ?? 0)).map { list[list.startIndex + 1 + $0 * Item.allCases.count + place] }
    }

    /// Reads `$<length>\r\n<bytes>\r\n` again and again.
    private static func texts(_ buffer: ByteBuffer) -> [String] {
        var bytes = Array(buffer.readableBytesView)[...]
        var texts: [String] = []
        while let end = bytes.firstIndex(of: UInt8(ascii: "\r")) {
            let length = Int(String(decoding: bytes[bytes.startIndex + 1..<end], as: UTF8.self)) ?? 0
            let start = end + 2
            texts.append(String(decoding: bytes[start..<start + length], as: UTF8.self))
            bytes = bytes[(start + length + 2)...]
        }
        return texts
    }
}
