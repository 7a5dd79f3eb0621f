package com.acme.${{ values.name | replace("-", "") }};

class App { static final int PORT = ${{ values.port }}; }
