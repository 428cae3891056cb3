import Foundation

/// Says what is wrong with an input, and where in it.
enum InputProblem {
    static func describe(_ error: any Error, in input: String, workflow: String) -> String {
        do {
            _ = try JSONSerialization.jsonObject(with: Data(input.utf8), options: .fragmentsAllowed)
        } catch {
            return "The input is not JSON: \(reason(error))"
        }
        guard let error = error as? DecodingError else {
            return "The input does not fit the workflow \"\(workflow)\": \(error)"
        }
        switch error {
        case .dataCorrupted(let context), .typeMismatch(_, let context):
            return "The input does not fit the workflow \"\(workflow)\" at \(place(context.codingPath)): \(reason(context))"
        case .valueNotFound(_, let context):
            return "The input does not fit the workflow \"\(workflow)\" at \(place(context.codingPath)): a value is missing."
        case .keyNotFound(let key, let context):
            return
                "The input does not fit the workflow \"\(workflow)\" at \(place(context.codingPath)): the member \"\(key.stringValue)\" is missing."
        @unknown default:
            return "The input does not fit the workflow \"\(workflow)\": \(error)"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.reduce("$") { place, key in
            key.intValue.map { "\(place)[\($0)]" } ?? "\(place).\(key.stringValue)"
        }
    }

    private static func reason(_ context: DecodingError.Context) -> String {
        context.underlyingError.map(reason) ?? context.debugDescription
    }

    /// Foundation says the line and column in the error's user info only.
    private static func reason(_ error: any Error) -> String {
        (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? "\(error)"
    }
}
