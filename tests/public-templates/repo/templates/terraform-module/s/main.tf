module "${{ values.name }}" {
  source = "./m"
  # ${{ values.unknown }}
  tags   = { Name = "$${var.name}" }
}
