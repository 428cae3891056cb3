/// What a scenario showed, or is to show: values by name, in the order they are told.
///
/// A value is kept as it reads: an enum as its case, an optional as what is in it or `nil`, an empty collection as `none`.
package struct Facts: Equatable, Sendable {
    private var names: [String] = []
    private var values: [String: String] = [:]

    /// What was seen of one thing. Setting `nil` says that it was `nil`.
    package subscript(name: String) -> (any Sendable)? {
        get { values[name] }
        set {
            if values[name] == nil { names.append(name) }
            values[name] = Self.text(of: newValue as Any)
        }
    }

    /// Whether nothing was said.
    package var isEmpty: Bool { names.isEmpty }

    /// A line for each value that is not as it is in the other.
    package func differences(from expected: Facts) -> [String] {
        (expected.names + names.filter { expected.values[$0] == nil }).compactMap { name in
            guard values[name] != expected.values[name] else { return nil }
            return "\(name): \(values[name] ?? "not observed"), expected \(expected.values[name] ?? "nothing of it")"
        }
    }

    package static func == (one: Facts, other: Facts) -> Bool { one.values == other.values }

    private static func text(of value: Any) -> String {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            return mirror.children.first.map { text(of: $0.value) } ?? "nil"
        case .collection:
            return mirror.children.isEmpty ? "none" : "[\(mirror.children.map { element($0.value) }.joined(separator: ", "))]"
        case .set:
            return mirror.children.isEmpty ? "none" : "{\(mirror.children.map { element($0.value) }.sorted().joined(separator: ", "))}"
        case .enum:
            guard !(value is any CustomStringConvertible), let payload = mirror.children.first, let name = payload.label else { break }
            let text = text(of: payload.value)
            return text.hasPrefix("(") ? name + text : "\(name)(\(text))"
        default:
            break
        }
        return "\(value)"
    }

    /// Elements are quoted, so that a comma in one of them is not one between two.
    private static func element(_ value: Any) -> String {
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .optional { return mirror.children.first.map { element($0.value) } ?? "nil" }
        return value is any Numeric || value is Bool ? "\(value)" : "\"\(text(of: value))\""
    }
}

extension Facts: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, (any Sendable)?)...) {
        for (name, value) in elements { self[name] = value }
    }
}

extension Facts: CustomStringConvertible {
    package var description: String { names.map { "\($0): \(values[$0] ?? "")" }.joined(separator: ", ") }
}
