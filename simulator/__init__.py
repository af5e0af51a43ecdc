"""A phone in the browser behind a Bot API on loopback: for the demo and for the tests.

The production bot talks to it by changing only the base address. `telegram.Telegram` is the
model, `server.bot_api` its HTTP face, `persons.Person` a thumb on a phone, `page` the demo.
"""
