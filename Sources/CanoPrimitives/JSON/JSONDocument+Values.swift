/// The values of a document, as far as they are told without doubt.
extension JSONDocument {
    /// The text of a node; nil where it is not valid.
    func text(of node: Node) -> String? {
        switch node.kind {
        case .text: String(validating: bytes[node.start..<node.end], as: UTF8.self)
        case .escapedText: unescaped(bytes[node.start..<node.end])
        default: nil
        }
    }

    /// A whole number.
    func integer(of node: Node) -> Int64 {
        var value: Int64 = 0
        var index = node.start
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        while index < node.end {
            value = value &* 10 &+ Int64(bytes[index] &- UInt8(ascii: "0"))
            index += 1
        }
        return isNegative ? -value : value
    }

    /// A number; nil where a binary fraction has no room for it, or where that is near.
    func fraction<Value: BinaryFloatingPoint & LosslessStringConvertible>(of node: Node) -> Value? {
        if node.kind == .integer { return Value(integer(of: node)) }
        guard let value = Value(String(decoding: bytes[node.start..<node.end], as: UTF8.self)), value.isFinite, value != 0 else {
            return nil
        }
        return value
    }

    /// Whether a number that is no ``Kind/integer`` is certainly none for any reader: it has few digits, and one other than 0 behind the point.
    func isCertainlyNoInteger(_ node: Node) -> Bool {
        guard node.end - node.start <= 15, let point = bytes[node.start..<node.end].firstIndex(of: UInt8(ascii: ".")) else { return false }
        let rest = bytes[point + 1..<node.end]
        return rest.contains { $0 != UInt8(ascii: "0") } && !rest.contains { $0 | 0x20 == UInt8(ascii: "e") }
    }

    /// Whether a name of an object is this one.
    func isName(_ node: Node, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard node.end - node.start == name.count else { return false }
        for offset in 0..<name.count where bytes[node.start + offset] != name[offset] { return false }
        return true
    }

    /// Whether all names of an object are plain: ASCII without escapes, and each there once.
    func hasPlainNames(_ object: Node, at index: Int) -> Bool {
        // Few names are compared faster than they are hashed.
        let isHashed = object.count > 8
        var names: Set<ArraySlice<UInt8>> = []
        var place = index + 1
        while place < object.next {
            let name = nodes[place]
            guard name.kind == .text, isASCII(name) else { return false }
            if isHashed {
                guard names.insert(bytes[name.start..<name.end]).inserted else { return false }
            } else {
                var earlier = index + 1
                while earlier < place {
                    if isSame(nodes[earlier], name) { return false }
                    earlier = nodes[earlier + 1].next
                }
            }
            place = nodes[place + 1].next
        }
        return true
    }

    private func isASCII(_ node: Node) -> Bool {
        for index in node.start..<node.end where bytes[index] >= 0x80 { return false }
        return true
    }

    private func isSame(_ one: Node, _ other: Node) -> Bool {
        guard one.end - one.start == other.end - other.start else { return false }
        for offset in 0..<one.end - one.start where bytes[one.start + offset] != bytes[other.start + offset] { return false }
        return true
    }

    /// What an escaped text says. That its escapes are some was checked.
    private func unescaped(_ escaped: ArraySlice<UInt8>) -> String? {
        var text: [UInt8] = []
        text.reserveCapacity(escaped.count)
        var rest = escaped
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else {
                text.append(byte)
                continue
            }
            switch letter {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                var units = [Self.unit(&rest)]
                // Of two units the second one follows behind its own `\u`.
                if UTF16.isLeadSurrogate(units[0]) {
                    rest = rest.dropFirst(2)
                    units.append(Self.unit(&rest))
                }
                text.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
            default: text.append(letter)
            }
        }
        return String(validating: text, as: UTF8.self)
    }

    /// Takes four hexadecimal digits.
    private static func unit(_ text: inout ArraySlice<UInt8>) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = text.popFirst() else { break }
            // Of letters the last four bits count from 1, whichever case they have.
            unit = unit << 4 | UInt16(digit & 0x0F) &+ (digit > UInt8(ascii: "9") ? 9 : 0)
        }
        return unit
    }
}
