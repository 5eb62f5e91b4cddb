"""The two webhook bodies of the v0.1 API reference, byte for byte."""

STATUS = b"""{
   "message_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
   "to": {
      "type": "sms",
      "id": "0123456789012345",
      "number": "447700900000"
   },
   "from": {
      "type": "sms",
      "id": "0123456789012345",
      "number": "447700900000"
   },
   "timestamp": "2020-01-01T14:00:00.000Z",
   "status": "delivered",
   "error": {
      "code": 1300,
      "reason": "Not part of the provider network"
   },
   "usage": {
      "currency": "EUR",
      "price": "0.0333"
   },
   "client_ref": "my-personal-reference"
}"""

INBOUND = b"""{
   "message_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
   "timestamp": "2020-01-01T14:00:00.000Z",
   "to": {
      "type": "sms",
      "number": "447700900000"
   },
   "from": {
      "type": "sms",
      "number": "447700900001"
   },
   "message": {
      "content": {
         "type": "text",
         "text": "Hello From Vonage!"
      },
      "sms": {
         "num_messages": "2"
      }
   },
   "usage": {
      "currency": "EUR",
      "price": "0.0333"
   }
}"""
