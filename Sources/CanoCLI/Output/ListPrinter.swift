/// What a list has: each is a row of a table, or a line of JSON.
protocol Listed {
    /// What the columns of ``row`` are.
    static var columns: [TextTable.Column] { get }

    /// It in a table.
    var row: [TextTable.Cell] { get }

    /// It as one JSON object on one line.
    var json: String { get }
}

/// Prints a list: as lines of JSON while they come, or as one table at its end.
struct ListPrinter<Item: Listed> {
    private let isJSON: Bool
    private var table = TextTable(Item.columns)
    /// How many were printed.
    private(set) var count = 0

    init(isJSON: Bool) {
        self.isJSON = isJSON
    }

    /// Prints one, in a table at its end.
    ///
    /// - Throws: What ``StandardOutput/write(_:)`` throws.
    mutating func add(_ item: Item) throws {
        count += 1
        if isJSON { try StandardOutput.write(item.json) } else { table.add(item.row) }
    }

    /// Ends the list. The same is thrown.
    func end() throws {
        if !isJSON { try StandardOutput.write(table.styledLines) }
    }

    /// Prints all of them. The same is thrown.
    static func print(_ items: [Item], isJSON: Bool) throws {
        var printer = ListPrinter(isJSON: isJSON)
        for item in items { try printer.add(item) }
        try printer.end()
    }
}
