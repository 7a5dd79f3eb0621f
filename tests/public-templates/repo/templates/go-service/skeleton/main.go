package main

// ${{ values.name }} answers on ${{ values.port }}.
func main() {}
