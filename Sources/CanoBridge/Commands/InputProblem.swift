import Foundation

/// Says what is wrong with an input, and where in it.
enum InputProblem {
    static func describe(_ error: any Error, workflow: String) -> String {
        guard let error = error as? DecodingError else {
            return "The input does not fit the workflow \"\(workflow)\": \(error)"
        }
        switch error {
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            return "The input is not JSON: \(reason(context))"
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
        guard let underlying = context.underlyingError as? NSError,
            let detail = underlying.userInfo[NSDebugDescriptionErrorKey] as? String
        else { return context.debugDescription }
        return detail
    }
}
