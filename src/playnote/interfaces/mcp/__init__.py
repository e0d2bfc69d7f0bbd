"""The agent door: tools, resources and one prompt over MCP, on standard input and output."""
