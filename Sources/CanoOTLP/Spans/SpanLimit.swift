import Tracing

/// How much one span holds at most. What is more is cut, or left out and counted. Pure.
enum SpanLimit {
    static let attributes = 128
    static let events = 128
    static let links = 128
    /// Of one text, and of all elements of an array together, in bytes.
    static let text = 4_096

    /// The text, with an ellipsis in place of what is too much.
    static func cut(_ text: String, to limit: Int = text) -> String {
        guard text.utf8.count > limit else { return text }
        // A character that the cut goes through is left out.
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end]) + "…"
    }

    /// The attributes, with names and values that are cut, and how many of them were left out.
    static func cut(_ attributes: SpanAttributes) -> (kept: SpanAttributes, dropped: Int) {
        // They are set one by one, and nearly always all fit.
        var isWithin = attributes.count <= Self.attributes
        attributes.forEach { name, value in isWithin = isWithin && name.utf8.count <= text && fits(value) }
        guard !isWithin else { return (attributes, 0) }
        var names: [String] = []
        attributes.forEach { name, _ in names.append(name) }
        if names.count > Self.attributes { names = Array(names.sorted().prefix(Self.attributes)) }
        var kept = SpanAttributes()
        for name in names { kept[cut(name)] = attributes.get(name).map(cut) }
        return (kept, attributes.count - names.count)
    }

    private static func fits(_ value: SpanAttribute) -> Bool {
        switch value {
        case .string(let text): text.utf8.count <= Self.text
        case .int32, .int64, .double, .bool: true
        default: false
        }
    }

    private static func cut(_ value: SpanAttribute) -> SpanAttribute {
        switch value {
        case .string(let text): .string(cut(text))
        case .stringConvertible(let value): .string(cut("\(value)"))
        case .stringArray(let texts): .stringArray(cut(texts))
        case .stringConvertibleArray(let values): .stringArray(cut(values.lazy.map { "\($0)" }))
        case .int32Array(let numbers): .int32Array(cut(numbers))
        case .int64Array(let numbers): .int64Array(cut(numbers))
        case .doubleArray(let numbers): .doubleArray(cut(numbers))
        case .boolArray(let values): .boolArray(cut(values))
        default: value
        }
    }

    /// The first of the texts, as many as there is room for; the one that the room ends in is cut.
    private static func cut(_ texts: some Sequence<String>) -> [String] {
        var (kept, room) = ([] as [String], text)
        for text in texts {
            guard room > 0 else { break }
            let cut = cut(text, to: room)
            kept.append(cut)
            // An element takes room also where it is empty.
            room -= max(1, cut.utf8.count)
        }
        return kept
    }

    private static func cut<Element>(_ values: [Element]) -> [Element] { Array(values.prefix(text / MemoryLayout<Element>.size)) }
}
