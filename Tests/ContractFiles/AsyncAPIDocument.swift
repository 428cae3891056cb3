import CanoBus

/// The streams of the bus, what goes over them, and who sends it, from the point of view of the bridges.
enum AsyncAPIDocument {
    static let document: Tree = [
        "asyncapi": "3.0.0",
        "info": [
            "title": "Cano: the bus of a workflow engine",
            "version": "1.0.0",
            "description": """
            Redis streams over which any program starts workflow runs, follows them and works for them. A payload is the entry of a stream as an object \
            of its fields and their texts; `XADD` takes them one after the other. What they mean is said in docs/contract.md.
            """,
            "license": ["name": "MIT"],
        ],
        "defaultContentType": "application/json",
        "servers": [
            "redis": [
                "host": "{host}", "protocol": "redis", "description": "The Redis that bridges and clients share.",
                "variables": ["host": ["default": "localhost:6379", "description": "Host and port."]],
                "bindings": ["redis": [:]],
            ]
        ],
        "channels": channels,
        "operations": operations,
        "components": ["messages": .object(messages)],
    ]

    // MARK: Messages

    /// A message: its name, and where its schema is.
    private struct Message {
        let name: String
        let title: String
        let path: String
    }

    private static func commands(on stream: InboundStream) -> [Message] {
        CommandCatalog.all.map { $0.type }.filter { type in
            switch stream {
            case .commands: !type.isAnswer
            case .control: !type.isAnswer && type != .start
            case .results: type.isAnswer
            }
        }.flatMap { type in
            let noun = type.isAnswer ? "answer" : "command"
            let plain = Message(name: type.rawValue, title: "The \(noun) \(type.rawValue)", path: ContractFiles.path(of: type))
            if type.isAnswer { return [plain] }
            let event = Message(
                name: CommandType.cloudEventPrefix + type.rawValue, title: "The command \(type.rawValue) as a CloudEvent",
                path: ContractFiles.cloudEventPath(of: type))
            return [plain, event]
        }
    }

    private static func events(_ isIncluded: (EventType) -> Bool) -> [Message] {
        EventType.allCases.filter(isIncluded).map { type in
            Message(
                name: type.rawValue, title: "Published from the level `\(type.level.rawValue)` on.", path: ContractFiles.path(of: type))
        }
    }

    private static let published = events { _ in true }
    private static let answers = events(\.isAnswer)
    private static let deadLetter = Message(
        name: "deadLetter", title: "A command that could not be carried out", path: "dead-letter.schema.json")

    private static let task = Message(name: "task", title: "A task for a worker", path: ContractFiles.task)

    private static var messages: [String: Tree] {
        let all = commands(on: .commands) + commands(on: .results) + published + answers + [task, deadLetter]
        return Dictionary(
            all.map { message in
                (
                    message.name,
                    [
                        "name": .text(message.name), "title": .text(message.title), "payload": ["$ref": .text("./" + message.path)],
                        "bindings": ["redis": [:]],
                    ]
                )
            }
        ) { first, _ in first }
    }

    // MARK: Channels

    private static let channels: Tree = [
        "commands": channel(
            "{prefix}:commands", "Commands that no bridge has taken yet. Bridges take them while they have a free slot.",
            commands(on: .commands)),
        "control": channel("{prefix}:control", "Commands that are always read, however busy the bridges are.", commands(on: .control)),
        "tasks": channel(
            "{prefix}:tasks:{queue}", "Work that steps of runs ask for. Workers take it in the consumer group `\(BusKeys.workers)`.",
            [task],
            ["queue": ["description": "The queue, as the workflow names it."]]),
        "results": channel("{prefix}:results", "What workers answer. Always read.", commands(on: .results)),
        "events": channel("{prefix}:events", "What happens. Read it in a consumer group of your own.", published),
        "replies": channel(
            "{prefix}:replies:{name}", "Answers to the commands that asked for them with this name.", answers,
            ["name": ["description": "The name in the field `reply_to` of the commands."]]),
        "deadletters": channel("{prefix}:deadletters", "Commands that could not be carried out, with the reason.", [deadLetter]),
    ]

    private static func channel(
        _ address: String, _ description: String, _ messages: [Message], _ parameters: [String: Tree] = [:]
    ) -> Tree {
        let prefix: Tree = ["default": .text(BusKeys.standardPrefix), "description": "What every key of the bus begins with."]
        let references = messages.map { ($0.name, ["$ref": .text("#/components/messages/\($0.name)")] as Tree) }
        return [
            "address": .text(address), "description": .text(description),
            "parameters": .object(parameters.merging(["prefix": prefix]) { own, _ in own }),
            "messages": .object(Dictionary(references) { first, _ in first }),
            "servers": [["$ref": "#/servers/redis"]],
            "bindings": ["redis": [:]],
        ]
    }

    // MARK: Operations

    private static let operations: Tree = [
        "takeCommands": operation("receive", "commands", "A bridge takes a command.", commands(on: .commands), isAnswered: true),
        "takeControlCommands": operation(
            "receive", "control", "A bridge takes a command that is no start.", commands(on: .control), isAnswered: true),
        "putTasks": operation("send", "tasks", "A bridge asks for work.", [task]),
        "takeAnswers": operation("receive", "results", "A bridge takes what a worker answers.", commands(on: .results)),
        "publishEvents": operation("send", "events", "A bridge tells what has happened.", published),
        "keepDeadLetters": operation("send", "deadletters", "A bridge keeps a command that it can't carry out.", [deadLetter]),
    ]

    private static func operation(
        _ action: String, _ channel: String, _ summary: String, _ messages: [Message], isAnswered: Bool = false
    ) -> Tree {
        let operation: Tree = [
            "action": .text(action), "channel": ["$ref": .text("#/channels/\(channel)")], "summary": .text(summary),
            "messages": references(to: messages, in: channel), "bindings": ["redis": [:]],
        ]
        guard isAnswered else { return operation }
        return operation.with([
            "reply": ["channel": ["$ref": "#/channels/replies"], "messages": references(to: answers, in: "replies")]
        ])
    }

    private static func references(to messages: [Message], in channel: String) -> Tree {
        .list(messages.map { ["$ref": .text("#/channels/\(channel)/messages/\($0.name)")] })
    }
}
