extension BusKeys {
    /// The tasks that something is done about at a time, unless that has come before: each as `<run><leg>` with when that is.
    package var deadlines: String { prefix + ":deadlines" }

    /// The tasks that are held back until their queue has room for them.
    package func heldTasks(on queue: String) -> String { prefix + ":heldtasks:" + queue }

    /// The keys of a queue, in the order in which scripts have them.
    package func keys(ofQueue name: String) -> [String] { [tasks(on: name), heldTasks(on: name)] }

    /// How many keys a queue has.
    package static let keysOfQueue = 2

    /// The keys of several queues, whose names are separated by commas.
    package func keys(ofQueues names: String) -> [String] { names.split(separator: ",").flatMap { keys(ofQueue: String($0)) } }
}
