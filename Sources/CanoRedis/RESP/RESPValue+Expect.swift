/// What typed commands read replies with: each asks for one shape and throws `unexpectedReply` for every other.
extension RESPValue {
    func expectInteger(of command: StaticString) throws(RedisError) -> Int {
        guard case .integer(let value) = self else { throw unexpected("an integer", from: command) }
        return Int(value)
    }

    func expectBytes(of command: StaticString) throws(RedisError) -> RESPBytes {
        guard let bytes else { throw unexpected("a string", from: command) }
        return bytes
    }

    func expectOptionalBytes(of command: StaticString) throws(RedisError) -> RESPBytes? {
        isNull ? nil : try expectBytes(of: command)
    }

    func expectText(of command: StaticString) throws(RedisError) -> String {
        guard let string else { throw unexpected("text", from: command) }
        return string
    }

    func expectArray(of command: StaticString) throws(RedisError) -> [RESPValue] {
        guard case .array(let elements) = self else { throw unexpected("an array", from: command) }
        return elements
    }

    func throwingServerError() throws(RedisError) -> RESPValue {
        if case .error(let error) = self { throw RedisError(error) }
        return self
    }

    /// A flat array of twos, as RESP2 writes maps: order and duplicates are kept.
    func expectPairs(of command: StaticString) throws(RedisError) -> [(RESPValue, RESPValue)] {
        let elements = try expectArray(of: command)
        guard elements.count.isMultiple(of: 2) else { throw unexpected("an even number of elements", from: command) }
        return stride(from: 0, to: elements.count, by: 2).map { (elements[$0], elements[$0 + 1]) }
    }

    func expectStatus(of command: StaticString) throws(RedisError) {
        guard case .simple = self else { throw unexpected("a status", from: command) }
    }

    func expectDouble(of command: StaticString) throws(RedisError) -> Double {
        guard let value = Double(redis: try expectText(of: command)) else { throw unexpected("a number", from: command) }
        return value
    }

    /// Maps elements with a throwing closure: `map` would forget the error's type.
    func expectArray<Element>(
        of command: StaticString, _ read: (RESPValue) throws(RedisError) -> Element
    ) throws(RedisError) -> [Element] {
        let elements = try expectArray(of: command)
        var result: [Element] = []
        result.reserveCapacity(elements.count)
        for element in elements { result.append(try read(element)) }
        return result
    }

    /// The error for a reply of another shape. It names the shape, never the content, which may be secret.
    func unexpected(_ expectation: String, from command: StaticString) -> RedisError {
        let shape =
            switch self {
            case .simple: "a status"
            case .error(let error): "the error \(error.code)"
            case .integer: "an integer"
            case .bulk(let bytes): "a string of \(bytes.count) bytes"
            case .null: "null"
            case .array(let elements): "an array of \(elements.count)"
            }
        return RedisError(.unexpectedReply, "\(command) answered \(shape) instead of \(expectation)", mayHaveBeenExecuted: true)
    }
}

extension Double {
    /// Reads a score as Redis writes it, `inf` and `-inf` included.
    fileprivate init?(redis text: String) {
        switch text {
        case "inf", "+inf": self = .infinity
        case "-inf": self = -.infinity
        default: self.init(text)
        }
    }
}
